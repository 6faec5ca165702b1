package page

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/flate"
)

const (
	kept   = 8        // a watcher as many views behind still jumps in one small block
	window = 32 << 10 // as far back as deflate can look
)

// view is one state of a live region, as an event and in all the compressed forms somebody may need.
// It never changes, except that the forms are made when first asked for.
type view struct {
	seq   uint64        // 0 is the empty view before the first
	event []byte        // the whole event, plain
	past  [kept][]byte  // the events before, newest first; nil where there was none
	newer chan struct{} // closed when there is a newer view

	first block       // for somebody who has just been greeted
	alone block       // for somebody whose window holds nothing
	again block       // for somebody who has just this view: the heartbeat
	from  [kept]block // for somebody who has past[i]
}

// next is the view that follows v.
func (v *view) next(event []byte) *view {
	n := &view{seq: v.seq + 1, event: event, newer: make(chan struct{})}
	n.past[0] = v.event
	copy(n.past[1:], v.past[:kept-1])
	return n
}

// after is the compressed view for somebody whose last view had the number seq, or who has but the phrases.
func (v *view) after(seq uint64, phrases *Phrases) []byte {
	behind := v.seq - seq
	switch {
	case seq == 0:
		return v.first.of(v.event, phrases.event)
	case behind > kept:
		return v.alone.of(v.event, nil)
	case behind == 0:
		return v.again.of(v.event, v.event)
	default:
		return v.from[behind-1].of(v.event, v.past[behind-1])
	}
}

// event is a view as a server-sent event.
func event(site string, version uint64, html []byte) []byte {
	lines := bytes.Split(bytes.TrimSpace(html), []byte{'\n'})
	e := make([]byte, 0, len(html)+len(lines)*len("data: ")+len(site)+32)
	e = append(e, "id: "...)
	e = append(e, strings.NewReplacer("\n", "", "\r", "", "\x00", "").Replace(site)...)
	e = append(e, ':')
	e = strconv.AppendUint(e, version, 10)
	for _, line := range lines {
		e = append(e, "\ndata: "...)
		e = append(e, bytes.ReplaceAll(line, []byte{'\r'}, nil)...)
	}
	return append(e, "\n\n"...)
}

// block is a piece of a deflate stream that ends on a byte, made when first asked for.
type block struct {
	once  sync.Once
	bytes []byte
}

// of compresses the event for somebody whose last bytes were dict.
func (b *block) of(event, dict []byte) []byte {
	b.once.Do(func() {
		d := deflaters.Get().(*deflater)
		defer deflaters.Put(d)
		if len(dict) > window {
			dict = dict[len(dict)-window:]
		}
		d.out.Reset()
		d.w.ResetDict(&d.out, dict)
		// Nothing fails when writing into memory.
		_, _ = d.w.Write(event)
		_ = d.w.Flush()
		b.bytes = bytes.Clone(d.out.Bytes())
	})
	return b.bytes
}

// deflater is a compressor of several hundred kilobytes; a handful serves all streams.
type deflater struct {
	w   *flate.Writer
	out bytes.Buffer
}

var deflaters = sync.Pool{New: func() any {
	w, err := flate.NewWriter(nil, flate.BestCompression)
	if err != nil {
		panic(err) // only for a level that does not exist
	}
	return &deflater{w: w}
}}

// outlet is the connection of one watcher. Its last bytes are always one whole view, which is the
// dictionary of the next one; therefore nothing but views may follow the greeting.
type outlet struct {
	to   wire
	head []byte // to be sent with the greeting
	gzip bool
	// phrases are those of the greeting.
	phrases *Phrases
	seq     uint64 // the number of the last view
	sum     uint32 // CRC-32 and length of all plain bytes, for the end of the gzip stream
	size    uint32
}

// greet opens the stream and tells the server's time, from which the browser learns how its own
// clock differs, and the phrases.
func (o *outlet) greet(now time.Time) error {
	hello := []byte("event: now\ndata: " + strconv.FormatInt(now.UnixMilli(), 10) + "\n\n")
	if !o.gzip {
		return o.send(append(hello, o.phrases.event...))
	}
	o.count(hello)
	b := []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3} // a gzip header without name and time
	b = append(b, 0)                                // a stored block: it needs no compressor
	b = binary.LittleEndian.AppendUint16(b, uint16(len(hello)))
	b = binary.LittleEndian.AppendUint16(b, ^uint16(len(hello)))
	o.count(o.phrases.event)
	return o.send(append(append(b, hello...), o.phrases.block()...))
}

// show writes the view in the shortest form this watcher understands.
func (o *outlet) show(v *view) error {
	if v.seq == 0 {
		return nil
	}
	b := v.event
	if o.gzip {
		b = v.after(o.seq, o.phrases)
		o.count(v.event)
	}
	o.seq = v.seq
	return o.send(b)
}

// bye ends the stream as its coding wants it; whether it arrives matters to nobody.
func (o *outlet) bye() {
	if !o.gzip {
		return
	}
	b := []byte{1, 0, 0, 0xff, 0xff} // the last block, stored and empty
	b = binary.LittleEndian.AppendUint32(b, o.sum)
	b = binary.LittleEndian.AppendUint32(b, o.size)
	_ = o.send(b)
}

func (o *outlet) count(plain []byte) {
	o.sum = crc32.Update(o.sum, crc32.IEEETable, plain)
	o.size += uint32(len(plain))
}

func (o *outlet) send(b []byte) error {
	if err := o.to.SetWriteDeadline(time.Now().Add(patience)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	if o.head != nil {
		b, o.head = append(o.head, b...), nil
	}
	_, err := o.to.Write(b)
	return err
}

// wire is what an outlet writes to; each write goes out at once.
type wire interface {
	io.Writer
	SetWriteDeadline(time.Time) error
}

// answer is the wire of a request whose connection the server keeps.
type answer struct {
	http.ResponseWriter
	*http.ResponseController
}

func (a answer) Write(b []byte) (int, error) {
	n, err := a.ResponseWriter.Write(b)
	if err == nil {
		err = a.Flush()
	}
	return n, err
}

// takesGzip tells whether the reader accepts gzip: named with a weight above zero, or covered by *.
func takesGzip(r *http.Request) bool {
	everything := false
	for part := range strings.SplitSeq(strings.Join(r.Header.Values("Accept-Encoding"), ","), ",") {
		coding, params, _ := strings.Cut(part, ";")
		weight := 1.0
		if q, ok := strings.CutPrefix(strings.ReplaceAll(strings.ToLower(params), " ", ""), "q="); ok {
			weight, _ = strconv.ParseFloat(q, 64)
		}
		switch strings.ToLower(strings.TrimSpace(coding)) {
		case "gzip", "x-gzip":
			return weight > 0
		case "*":
			everything = weight > 0
		}
	}
	return everything
}
