package site_test

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"openmic/floor"
	"openmic/internal/cable"
	"openmic/internal/live"
	"openmic/internal/site"
	"openmic/internal/web/hall"
	"openmic/record"
)

// A pair is a hub and a venue with one session, and the cable between them.
type pair struct {
	t          *testing.T
	id         string
	hub, venue *site.Site
	dirs       [2]string // data folders of hub and venue
	cable      *cable.Cable
	n          int
}

var organiser = floor.Actor{Person: "chair", Roles: floor.Chair | floor.Organiser}

func myself(p floor.ID) floor.Actor { return floor.Actor{Person: p, Roles: floor.Participant} }

func newPair(t *testing.T) *pair {
	t.Helper()
	return newPairAt(t, nil)
}

// newPairAt is a pair whose clocks a test moves; nil is the machine's.
func newPairAt(t *testing.T, now func() time.Time) *pair {
	t.Helper()
	p := &pair{t: t, dirs: [2]string{t.TempDir(), t.TempDir()}}
	ctx := context.Background()
	p.hub = open(t, site.Settings{Data: p.dirs[0], Listen: "127.0.0.1:0", Now: now})
	var err error
	if p.id, _, err = p.hub.Create(ctx, hall.Draft{Plan: floor.Plan{Title: "Two halls", Segments: []floor.SegmentPlan{{Kind: "discussion", Minutes: 60}}},
		People: []hall.Invitee{{Name: "Chair", Roles: floor.Chair | floor.Organiser}}}); err != nil {
		t.Fatal(err)
	}
	if p.cable, err = cable.Lay("127.0.0.1:0", p.at(p.hub)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.cable.Close)
	p.venue = open(t, site.Settings{Data: p.dirs[1], Listen: "127.0.0.1:0", Now: now})
	if _, err := p.venue.Join(ctx, p.link(p.hub, "")); err != nil {
		t.Fatal(err)
	}
	return p
}

// at is where a site listens.
func (p *pair) at(s *site.Site) string {
	return strings.Replace(strings.TrimPrefix(s.Local(), "http://"), "localhost", "127.0.0.1", 1)
}

// link is a venue's join link, over the cable.
func (p *pair) link(hub *site.Site, succeeds string) string {
	p.t.Helper()
	l, err := hub.InviteVenue(context.Background(), p.id, succeeds)
	if err != nil {
		p.t.Fatal(err)
	}
	_, rest, _ := strings.Cut(l, "/link/")
	return "http://" + p.cable.Addr() + "/link/" + rest
}

func (p *pair) session(s *site.Site) *live.Session {
	p.t.Helper()
	h, ok := s.Hall(p.id)
	if !ok {
		p.t.Fatal("the session does not open")
	}
	return h.Session
}

func (p *pair) must(s *site.Site, by floor.Actor, c floor.Command) {
	p.t.Helper()
	p.n++
	if _, err := p.session(s).Do(context.Background(), live.Command{ID: fmt.Sprintf("p%d", p.n), Actor: by, Do: c}); err != nil {
		p.t.Fatalf("%T: %v", c, err)
	}
}

func (p *pair) until(what string, is func() bool) {
	p.t.Helper()
	for began := time.Now(); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Since(began) > 40*time.Second {
			p.t.Fatalf("waited in vain: %s", what)
		}
	}
}

// same: both sites have one state, and no cut is open.
func (p *pair) same() bool {
	a, b := p.session(p.hub).View(), p.session(p.venue).View()
	return a.Severed() == nil && a.Hash() == b.Hash()
}

// record writes a record, and judges it.
func (p *pair) record(s *site.Site, signed bool) *record.Verdict {
	p.t.Helper()
	var b bytes.Buffer
	write := s.Record
	if signed {
		write = s.RecordSigned
	}
	if err := write(context.Background(), p.id, true, &b); err != nil {
		p.t.Fatal(err)
	}
	v := record.Verify(b.Bytes())
	if v.Exit != 0 {
		p.t.Fatalf("the record does not hold: %d %s: %s", v.Exit, v.Where, v.Fault)
	}
	return v
}

// Before, during and after a cut each site's record holds, also the one that signs nothing; afterwards both tell the
// same numbers, each with the other's part cosigned.
func TestRecordsOfTwoSites(t *testing.T) {
	p := newPair(t)
	p.must(p.venue, organiser, &floor.Open{})
	for i, who := range []floor.ID{"ana", "ben", "sita", "tomo"} {
		p.must(p.hub, myself(who), &floor.Join{Side: floor.Side(i / 2)})
	}
	p.must(p.hub, myself("sita"), &floor.Ask{})
	p.until("the venue has the ask", p.same)
	p.must(p.venue, myself("ana"), &floor.Ask{})
	p.until("the hub has the ask", p.same)
	for _, signed := range []bool{true, false} {
		for _, s := range []*site.Site{p.hub, p.venue} {
			if v := p.record(s, signed); v.Journals != 2 && !signed {
				t.Errorf("%d journals before the cut", v.Journals)
			}
		}
	}
	p.cable.Turn(cable.Way{Cut: true})
	p.until("both see the cut", func() bool {
		return p.session(p.hub).View().Severed() != nil && p.session(p.venue).View().Severed() != nil
	})
	p.must(p.hub, myself("tomo"), &floor.Ask{})
	p.must(p.venue, myself("ben"), &floor.Ask{})
	p.must(p.venue, organiser, &floor.Call{})
	for _, signed := range []bool{true, false} {
		p.record(p.hub, signed)
		p.record(p.venue, signed)
	}
	p.cable.Turn(cable.Way{})
	p.until("one story", p.same)
	p.must(p.venue, organiser, &floor.Start{Call: p.session(p.venue).View().Call().ID})
	p.must(p.venue, organiser, &floor.End{})
	p.must(p.venue, organiser, &floor.Adjourn{})
	p.until("one story at the end", p.same)
	a, b := p.record(p.hub, false), p.record(p.venue, false)
	if fmt.Sprint(a.Numbers) != fmt.Sprint(b.Numbers) || a.Entries != b.Entries || a.Cuts == 0 || a.Journals != 2 {
		t.Errorf("the sites tell\n%+v\n%+v", a, b)
	}
	if a.Checkpoints < 3 {
		t.Errorf("%d checkpoints", a.Checkpoints)
	}
}

// After a heal each site has what the other signed, too: the records that both write offline are the same bytes, name
// nothing as unsigned, and hold for both verifiers.
func TestBothSitesSign(t *testing.T) {
	p := newPair(t)
	p.must(p.venue, organiser, &floor.Open{})
	p.must(p.hub, myself("sita"), &floor.Join{Side: floor.Online})
	p.must(p.venue, myself("ana"), &floor.Join{Side: floor.Room})
	p.until("one story", p.same)
	p.cable.Turn(cable.Way{Cut: true})
	p.until("both see the cut", func() bool {
		return p.session(p.hub).View().Severed() != nil && p.session(p.venue).View().Severed() != nil
	})
	p.must(p.hub, myself("sita"), &floor.Ask{})
	p.must(p.venue, myself("ana"), &floor.Ask{})
	p.cable.Turn(cable.Way{})
	p.until("one story after the cut", p.same)
	p.must(p.venue, organiser, &floor.Adjourn{})
	p.until("one story at the end", p.same)
	notes := func(i int) (out []string) {
		files, _ := filepath.Glob(filepath.Join(p.dirs[i], "checkpoints", p.id, "*.note"))
		for _, f := range files {
			out = append(out, filepath.Base(f))
		}
		return out
	}
	signed := func(all []string) bool { // both signed all of both
		for _, h := range p.session(p.hub).View().Heads {
			n := 0
			for _, name := range all {
				_, stem, _ := strings.Cut(h.Journal, "/")
				if strings.HasPrefix(name, fmt.Sprintf("%s-%09d", stem, h.N)) {
					n++
				}
			}
			if n != 2 {
				return false
			}
		}
		return true
	}
	p.until("both have what both signed", func() bool { a, b := notes(0), notes(1); return slices.Equal(a, b) && signed(a) })
	var records [2][]byte
	for i, s := range []*site.Site{p.hub, p.venue} {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		offline, err := site.Open(context.Background(), site.Settings{Data: p.dirs[i], Listen: "127.0.0.1:0"}, quiet())
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := offline.Record(context.Background(), p.id, true, &b); err != nil {
			t.Fatal(err)
		}
		if err := offline.Close(); err != nil {
			t.Fatal(err)
		}
		records[i] = b.Bytes()
		v := record.Verify(records[i])
		if v.Exit != 0 || len(v.Unsigned) > 0 || v.Journals != 2 || v.Cuts == 0 {
			t.Errorf("record %d: exit %d %s %s, unsigned %v, %d journals, %d cuts", i, v.Exit, v.Where, v.Fault, v.Unsigned, v.Journals, v.Cuts)
		}
	}
	if !bytes.Equal(records[0], records[1]) {
		t.Errorf("hub and venue write two records, of %d and %d bytes", len(records[0]), len(records[1]))
	}
}

// A session on two sites travels as one text, the same from either, to the same state; the place where it goes on says
// what it goes on from, and its record holds.
func TestTwoSitesTravel(t *testing.T) {
	ctx := context.Background()
	p := newPair(t)
	p.must(p.venue, organiser, &floor.Open{})
	p.must(p.hub, myself("sita"), &floor.Join{Side: floor.Online})
	p.must(p.venue, myself("ana"), &floor.Join{Side: floor.Room})
	p.must(p.venue, myself("ana"), &floor.Ask{AskFields: floor.AskFields{About: "islands"}})
	p.must(p.hub, myself("sita"), &floor.Ask{})
	p.until("both have all", p.same)
	var a, b bytes.Buffer
	if err := p.hub.Export(ctx, p.id, &a); err != nil {
		t.Fatal(err)
	}
	if err := p.venue.Export(ctx, p.id, &b); err != nil || !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Fatalf("hub and venue export two texts: %v\n%s\n%s", err, a.Bytes(), b.Bytes())
	}
	there := open(t, site.Settings{Listen: "127.0.0.1:0"})
	text := strings.SplitAfter(strings.TrimSuffix(a.String(), "\n"), "\n")
	second := 0
	for i, l := range text {
		if strings.HasPrefix(l, "journal ") {
			second = i
		}
	}
	swapped := append(append(append([]string{text[0]}, text[second:len(text)-1]...), text[1:second]...), text[len(text)-1])
	for what, bad := range map[string]string{
		"torn":                strings.Join(text[:len(text)/2], ""),
		"an entry is gone":    strings.Join(append(append([]string{}, text[:second-1]...), text[second:]...), ""),
		"a journal is gone":   strings.Join(append(append([]string{}, text[:second]...), text[len(text)-1]), ""),
		"another order":       strings.Join(swapped, ""),
		"of another session":  strings.Replace(a.String(), p.id+"/venue", "zzzzzz/venue", 1),
		"words of nobody":     strings.Replace(a.String(), "islands", "icebergs", 1),
		"the state is not it": strings.Replace(a.String(), `"state":"`, `"state":"0`, 1),
	} {
		_, _, err := there.Import(ctx, strings.NewReader(bad))
		if err == nil || !strings.HasPrefix(err.Error(), "line ") || !strings.HasSuffix(err.Error(), "nothing was changed") {
			t.Errorf("%s: %v", what, err)
		}
		t.Logf("%s: %v", what, err)
	}
	if _, _, err := there.Import(ctx, bytes.NewReader(a.Bytes())); err != nil {
		t.Fatal(err)
	}
	b.Reset()
	if err := there.Export(ctx, p.id, &b); err != nil {
		t.Fatal(err)
	}
	if from, to := tail(a.String()), tail(b.String()); from != to {
		t.Errorf("another state came out: %s %s", from, to)
	}
	h, ok := there.Hall(p.id)
	if !ok {
		t.Fatal("it does not open")
	}
	if v := h.Session.View(); v.Hub() != string(h.Session.Name()) || v.Frictions > 0 || v.Say(v.Title) != "Two halls" {
		t.Errorf("%+v", v.Sites)
	}
	elsewhere := *p
	elsewhere.hub = there
	if v := elsewhere.record(there, false); v.Journals != 3 {
		t.Errorf("%d journals", v.Journals)
	}
}

// tail is the last line of a text.
func tail(s string) string {
	s = strings.TrimSuffix(s, "\n")
	return s[strings.LastIndexByte(s, '\n')+1:]
}
