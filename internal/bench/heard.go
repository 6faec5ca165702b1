package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"openmic/floor"
	"openmic/internal/cable"
	"openmic/internal/guest"
	"openmic/internal/web"
	"openmic/internal/words"
)

// screens measures, on every live screen of both sites and each on a stream of its own, how soon after a cut it says so, and
// how soon after the heal that both hear each other again. Meanwhile people go on pressing on both sides, so that streams
// have to wait for their gap as in a real session.
func screens(ctx context.Context) ([]Figure, error) {
	p, err := newPair(ctx)
	if err != nil {
		return nil, err
	}
	defer p.close()
	var all []*reader
	defer func() {
		for _, r := range all {
			r.body.Close()
		}
	}()
	for i := range p.sites {
		list, err := p.read(ctx, i)
		all = append(all, list...)
		if err != nil {
			return nil, err
		}
	}
	stop := p.busy(ctx)
	defer stop()
	var seen [2][]time.Duration                // from the cut until a site noted it
	var after, cut, heal, told []time.Duration // the last screen: after its site noted the cut, after the cut, after the heal; and after its site noted that
	for range 5 {
		if _, err := until(ctx, "every screen is up", func() bool {
			return p.one() && every(all, func(r *reader) bool { return r.views.Load() > 0 && !r.cut.Load().said })
		}); err != nil {
			return nil, err
		}
		p.cable.Turn(cable.Way{Cut: true})
		began := time.Now()
		noted, err := p.noted(ctx, "both notice the cut", p.alone)
		if err != nil {
			return nil, err
		}
		if _, err := until(ctx, "every screen says the cut", func() bool { return every(all, func(r *reader) bool { return r.cut.Load().said }) }); err != nil {
			return nil, fmt.Errorf("%w: %s", err, silent(all, func(r *reader) bool { return r.cut.Load().said }))
		}
		last := [2]time.Duration{}
		for _, r := range all {
			at := r.cut.Load().at
			last[0], last[1] = max(last[0], at.Sub(began)), max(last[1], at.Sub(noted[r.site]))
		}
		for i := range seen {
			seen[i] = append(seen[i], noted[i].Sub(began))
		}
		cut, after = append(cut, last[0]), append(after, last[1])
		p.cable.Turn(cable.Way{})
		began = time.Now()
		if noted, err = p.noted(ctx, "both notice the heal", func(i int) bool { return p.live[i].View().Severed() == nil }); err != nil {
			return nil, err
		}
		healed := func(r *reader) bool { x := r.cut.Load(); return !x.said && x.heal }
		if _, err := until(ctx, "every screen says the heal", func() bool { return every(all, healed) }); err != nil {
			return nil, fmt.Errorf("%w: %s", err, silent(all, healed))
		}
		last = [2]time.Duration{}
		for _, r := range all {
			at := r.cut.Load().at
			last[0], last[1] = max(last[0], at.Sub(began)), max(last[1], at.Sub(noted[r.site]))
		}
		heal, told = append(heal, last[0]), append(told, last[1])
	}
	n := fmt.Sprintf("the last of %d screens says ", len(all))
	return []Figure{
		{"the hub notices a cut, longest", at(seen[0], 1), "ms", 5000}, {"the venue notices a cut, longest", at(seen[1], 1), "ms", 5000},
		{n + "so, after that", at(after, 1), "ms", 2000}, {n + "so, after the cut", at(cut, 1), "ms", 7000},
		{n + "the heal, after the site", at(told, 1), "ms", 2000}, {n + "the heal, after it", at(heal, 1), "ms", 7000},
	}, nil
}

// noted waits until both sites are so, and tells since when each is.
func (p *pair) noted(ctx context.Context, what string, is func(i int) bool) (at [2]time.Time, err error) {
	_, err = until(ctx, what, func() bool {
		for i := range at {
			if at[i].IsZero() && is(i) {
				at[i] = time.Now()
			}
		}
		return !at[0].IsZero() && !at[1].IsZero()
	})
	return at, err
}

// busy lets somebody on each side press about six times a second, until it is stopped.
func (p *pair) busy(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	over := make(chan struct{}, len(p.live))
	for i := range p.live {
		go func() {
			defer func() { over <- struct{}{} }()
			who := floor.ID(fmt.Sprint("busy", i))
			_ = p.press(ctx, i, fmt.Sprint("busy-join-", i), who, &floor.Join{Side: floor.Side(1 - i)})
			for n := 0; ctx.Err() == nil; n++ {
				var c floor.Command = &floor.Ask{}
				if t := p.live[i].View().Live(who); t != nil {
					c = &floor.Withdraw{Ticket: t.ID}
				}
				// While the other site's story comes in a press may be refused; the next one counts.
				_ = p.press(ctx, i, fmt.Sprintf("busy-%d-%d", i, n), who, c)
				select {
				case <-ctx.Done():
				case <-time.After(150 * time.Millisecond):
				}
			}
		}()
	}
	return func() {
		cancel()
		for range p.live {
			<-over
		}
	}
}

// A reader is the stream of one screen at one site, read as a person would.
type reader struct {
	site   int // hub, venue
	screen string
	body   io.Closer
	views  atomic.Int64
	cut    atomic.Pointer[notice]
}

// notice is what the newest view says of the link, and since when it has said so.
type notice struct {
	said, heal bool // the other side is not heard; both hear each other again
	at         time.Time
}

// read opens the stream of every live screen at a site: the hub's with the hub's pass, the wall's with the wall's, all
// others with that of a crew of one.
func (p *pair) read(ctx context.Context, i int) ([]*reader, error) {
	passes := map[string]*guest.Guest{}
	for _, l := range p.links {
		g, err := guest.Come(http.DefaultClient, p.sites[i].Local()+l.Path)
		if err != nil {
			return nil, err
		}
		passes[l.Label] = g
	}
	english := words.Match("en", "")
	cut, _, _ := strings.Cut(english.Say("cut.far-"+floor.Side(i).String(), "t", "|"), "|")
	heal, _, _ := strings.Cut(english.Say("cut.healed", "t", "|"), "|")
	var out []*reader
	for _, sc := range web.Screens {
		if sc.Look == nil {
			continue
		}
		g := passes["Crew"]
		switch sc.Name {
		case "hub":
			g = passes["Hub"]
		case "wall":
			g = passes["Wall"]
		}
		res, err := g.Get(ctx, sc.Name+"/live?lang=en")
		if err != nil {
			return out, err
		}
		r := &reader{site: i, screen: sc.Name, body: res.Body}
		r.cut.Store(&notice{})
		out = append(out, r)
		if res.StatusCode != http.StatusOK {
			return out, fmt.Errorf("the stream of %s answers %s", sc.Name, res.Status)
		}
		go r.follow(bufio.NewReader(res.Body), cut, heal)
	}
	if len(out) == 0 {
		return nil, errors.New("no screen lives")
	}
	return out, nil
}

// follow reads views until the stream ends.
func (r *reader) follow(in *bufio.Reader, cut, heal string) {
	now := notice{}
	view := false
	next := notice{}
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		switch {
		case strings.HasPrefix(line, "data:"):
			view = true
			next.said, next.heal = next.said || strings.Contains(line, cut), next.heal || strings.Contains(line, heal)
		case line == "\n" && view:
			if next.said != now.said || next.heal != now.heal {
				next.at = time.Now()
				now = next
				r.cut.Store(&notice{now.said, now.heal, now.at})
			}
			r.views.Add(1)
			view, next = false, notice{}
		}
	}
}

func every(all []*reader, is func(r *reader) bool) bool {
	for _, r := range all {
		if !is(r) {
			return false
		}
	}
	return true
}

// silent names the screens that are not so.
func silent(all []*reader, is func(r *reader) bool) string {
	var out []string
	for _, r := range all {
		if !is(r) {
			out = append(out, fmt.Sprintf("%s at the %s", r.screen, [2]string{"hub", "venue"}[r.site]))
		}
	}
	return strings.Join(out, ", ")
}
