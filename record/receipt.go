package record

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"openmic/floor"
)

// A Receipt is what a site signs for whoever asked: entry n of this journal has this hash. Since each entry names the one
// before it, that holds everything up to there. It says nothing about who or what.
type Receipt struct {
	Journal string
	N       int64
	Hash    string // floor.HashBytes of the entry
	At      int64  // session time of the entry, ms

	sig []byte // key hash and signature, as a note has them
}

// Text is what is signed. Its first line is that of no checkpoint.
func (r *Receipt) Text() string {
	return fmt.Sprintf("openmic-receipt/%s\n%d\n%s\nat %d\n", r.Journal, r.N, r.Hash, r.At)
}

// Line is a signed receipt as one line, short enough for a QR code.
func (r *Receipt) Line() string {
	return fmt.Sprintf("openmic-receipt/%s/%d/%d/%s/%s", r.Journal, r.N, r.At, r.Hash, base64.RawURLEncoding.EncodeToString(r.sig))
}

// SignReceipt signs with a site's key that an entry, in its canonical bytes, is in its journal. It gives the receipt and
// the same in the form of sumdb/note, for a file.
func SignReceipt(entry []byte, key string) (*Receipt, []byte, error) {
	e, err := floor.ParseEntry(entry)
	if err != nil {
		return nil, nil, fmt.Errorf("sign receipt: %w", err)
	}
	r := &Receipt{Journal: e.Journal, N: e.N, Hash: floor.HashBytes(entry), At: e.Stamp.At}
	note, err := r.sign(key)
	return r, note, err
}

func (r *Receipt) sign(key string) ([]byte, error) {
	s, err := note.NewSigner(key)
	if err != nil {
		return nil, fmt.Errorf("sign receipt: %w", err)
	}
	sig, err := s.Sign([]byte(r.Text()))
	if err != nil {
		return nil, fmt.Errorf("sign receipt: %w", err)
	}
	r.sig = append(binary.BigEndian.AppendUint32(nil, s.KeyHash()), sig...)
	return fmt.Appendf(nil, "%s\n— %s %s\n", r.Text(), s.Name(), base64.StdEncoding.EncodeToString(r.sig)), nil
}

const longReceipt = 1000 // bytes

var (
	receiptNote = regexp.MustCompile(`^openmic-receipt/(` + floor.JournalName + `)\n([0-9]{1,16})\n([A-Za-z0-9_-]{43})\nat ([0-9]{1,16})\n\n— openmic-[a-z0-9]{1,20} ([A-Za-z0-9+/]{91}=)$`)
	receiptLine = regexp.MustCompile(`^openmic-receipt/(` + floor.JournalName + `)/([0-9]{1,16})/([0-9]{1,16})/([A-Za-z0-9_-]{43})/([A-Za-z0-9_-]{91})$`)
)

// ReadReceipt reads a receipt in either form; blanks around it and the ends of lines of other systems do not matter. It
// does not know yet whose signature it is.
func ReadReceipt(b []byte) (*Receipt, error) {
	if len(b) > longReceipt {
		return nil, errors.New("this is no receipt: it is longer than one")
	}
	text := strings.TrimSpace(strings.ReplaceAll(string(b), "\r\n", "\n"))
	r := &Receipt{}
	var n, at, sig string
	coding := base64.RawURLEncoding
	if p := receiptNote.FindStringSubmatch(text); p != nil {
		r.Journal, n, r.Hash, at, sig = p[1], p[2], p[3], p[4], p[5]
		coding = base64.StdEncoding
	} else if p := receiptLine.FindStringSubmatch(text); p != nil {
		r.Journal, n, at, r.Hash, sig = p[1], p[2], p[3], p[4], p[5]
	} else if strings.HasPrefix(text, "openmic-receipt/") {
		return nil, errors.New("this is no whole receipt: a part of it is missing or changed")
	} else {
		return nil, errors.New("this is no receipt")
	}
	var errs [3]error
	r.N, errs[0] = strconv.ParseInt(n, 10, 64)
	r.At, errs[1] = strconv.ParseInt(at, 10, 64)
	r.sig, errs[2] = coding.Strict().DecodeString(sig)
	if errors.Join(errs[:]...) != nil || strconv.FormatInt(r.N, 10) != n || strconv.FormatInt(r.At, 10) != at || r.N < 1 || r.N > MaxNumber || r.At > MaxNumber {
		return nil, errors.New("this is no whole receipt: a part of it is missing or changed")
	}
	return r, nil
}

// signedBy says whether a site's verifier key fits the signature.
func (r *Receipt) signedBy(key string) bool {
	v, err := note.NewVerifier(key)
	return err == nil && len(r.sig) > 4 && binary.BigEndian.Uint32(r.sig) == v.KeyHash() && v.Verify([]byte(r.Text()), r.sig[4:])
}

// A Kept is what a record says of a receipt. Session times are in ms.
type Kept struct {
	Exit    int    `json:"exit"`    // 0 the record holds what was signed, 1 it does not, or this is no receipt of it
	Fault   string `json:"fault"`   // one sentence, empty when there is none
	Against bool   `json:"against"` // the site signed the receipt, and this record has another story: evidence
	Session string `json:"session"` // of the receipt
	N       int64  `json:"n"`       // the entry
	At      int64  `json:"at"`      // when it was written
	Wall    int64  `json:"wall"`    // the site's clock then, Unix ms; a label
	Kind    string `json:"kind"`    // of the entry
	Ticket  string `json:"ticket"`  // of the ask
	Side    string `json:"side"`    // room or online
	Form    string `json:"form"`    // voice or card
	Became  string `json:"became"`  // how it ended (floor.Dispositions), or where it stands: waiting, called, speaking
	Ended   int64  `json:"ended"`   // when, -1 while it is live
}

// Receipt looks a receipt up in the record that was verified. It answers for any bytes, and only of a record whose bytes
// hold.
func (v *Verdict) Receipt(b []byte) *Kept {
	k := &Kept{Exit: 1, Ended: -1}
	r, err := ReadReceipt(b)
	if err != nil {
		k.Fault = err.Error()
		return k
	}
	k.Session, _, _ = strings.Cut(r.Journal, "/")
	k.N, k.At = r.N, r.At
	c := v.story.of(r.Journal)
	switch {
	case v.Exit == 1:
		k.Fault = "the record is broken, so the receipt was not looked up"
	case k.Session != v.Session:
		k.Fault = fmt.Sprintf("the receipt is of session %s, and this is the record of session %s", k.Session, v.Session)
	case c == nil:
		k.Fault = fmt.Sprintf("the receipt is of journal %s, and this record does not have it", r.Journal)
	case !r.signedBy(c.Key):
		k.Fault = "the receipt is not signed by the key of this record: it was changed, or the site had another key"
	case r.N > int64(len(c.entries)) && r.At > c.signed-underway: // the checkpoint may have been signed while the entry was on its way
		k.Fault = fmt.Sprintf("this record ends with entry %d, signed at %s of session time, and entry %d of the receipt was written at %s: the record was made before, or cut off; a later one must hold it", len(c.entries), clock(c.signed), r.N, clock(r.At))
	case r.N > int64(len(c.entries)):
		k.Against = true
		k.Fault = fmt.Sprintf("entry %d is not in this record, though the site signed it: written at %s of session time, and the record claims all up to %s", r.N, clock(r.At), clock(c.signed))
	case c.chained(r.N) != r.Hash || c.entries[r.N-1].Stamp.At != r.At:
		k.Against = true
		k.Fault = fmt.Sprintf("this record has another entry %d than the one that the site signed: what was asked then is not in it", r.N)
	default:
		k.Exit = 0
		k.tell(c.entries[r.N-1], v.story.state)
	}
	return k
}

// tell fills in what became of it.
func (k *Kept) tell(e *floor.Entry, s *floor.State) {
	k.Wall, k.Kind = e.Wall, floor.Kind(e.Event)
	asked, ok := e.Event.(*floor.Asked)
	if !ok {
		return
	}
	t := s.Ticket(asked.Ticket)
	if t == nil {
		return
	}
	k.Ticket, k.Side, k.Form, k.Became = string(t.ID), t.Side.String(), t.Form, t.Status
	if !t.Live() {
		k.Became, k.Ended = t.End, t.Ended
	}
}
