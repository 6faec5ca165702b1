package site_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"math/rand"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"openmic/internal/cable"
	"openmic/internal/guest"
	"openmic/internal/site"
)

// A balancer gives each request to the next node, also those of one browser or one venue; a node that does not answer the
// door is passed over.
type balancer struct {
	*httptest.Server
	to     []string
	next   atomic.Int64
	stream atomic.Int64    // node that holds the newest stream of a venue, counted from 1
	opened atomic.Int64    // streams that were opened
	pushes [8]atomic.Int64 // taken by each node
}

func newBalancer(t *testing.T, to []string) *balancer {
	b := &balancer{to: to}
	b.Server = httptest.NewServer(&httputil.ReverseProxy{
		Rewrite:       func(r *httputil.ProxyRequest) { r.Out.URL.Scheme, r.Out.Host = "http", r.In.Host },
		FlushInterval: -1,
		ErrorLog:      log.New(io.Discard, "", 0),
		Transport:     b,
		ErrorHandler:  func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	})
	t.Cleanup(func() {
		b.CloseClientConnections()
		b.Close()
	})
	return b
}

func (b *balancer) RoundTrip(r *http.Request) (res *http.Response, err error) {
	link := strings.HasPrefix(r.URL.Path, "/link/")
	for range b.to {
		i := int(b.next.Add(1)) % len(b.to)
		r.URL.Host = b.to[i]
		res, err = http.DefaultTransport.RoundTrip(r)
		var op *net.OpError
		if errors.As(err, &op) && op.Op == "dial" {
			continue
		}
		if err == nil && link && res.StatusCode == http.StatusOK {
			if r.Method == http.MethodGet {
				b.stream.Store(int64(i) + 1)
				b.opened.Add(1)
			} else {
				b.pushes[i].Add(1)
			}
		}
		return res, err
	}
	return nil, err
}

// A manyVenue is a venue as a process whose hub is three nodes behind a balancer that keeps nobody at one node, with a cable
// in between.
type manyVenue struct {
	*cluster
	front *balancer
	wire  *cable.Cable
	venue *server
	hub   string // its journal
}

func newManyVenue(t *testing.T) *manyVenue {
	t.Helper()
	m := &manyVenue{cluster: gather(t)}
	var to []string
	for _, n := range m.nodes {
		to = append(to, n.listen)
	}
	m.front = newBalancer(t, to)
	var err error
	if m.wire, err = cable.Lay("127.0.0.1:0", m.front.Listener.Addr().String()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.wire.Close)
	s := m.inside()
	h, ok := s.Hall(m.id)
	if !ok {
		t.Fatal("no session")
	}
	m.hub = string(h.Session.Name())
	join, err := s.InviteVenue(t.Context(), m.id, "")
	if err = errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(join)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = m.wire.Addr()
	m.venue = &server{t: t, data: t.TempDir(), listen: freeAddress(t), join: u.String()}
	m.venue.start()
	t.Cleanup(m.venue.kill)
	return m
}

// inside is one more node, in this process.
func (c *cluster) inside() *site.Site {
	c.t.Helper()
	s, err := site.Open(c.t.Context(), site.Settings{Data: c.key, Journal: c.url, Listen: "127.0.0.1:0"}, quiet())
	if err == nil {
		err = s.Serve(c.t.Context())
	}
	if err != nil {
		c.t.Fatal(err)
	}
	return s
}

// all are how the venue and the nodes stand.
func (m *manyVenue) all() (out []standing) {
	for _, s := range append([]*server{m.venue}, m.nodes...) {
		out = append(out, s.standing(m.id))
	}
	return out
}

// one: the venue and all nodes tell one story, and no cut is open.
func (m *manyVenue) one() bool {
	all := m.all()
	return all[0].Entries > 0 && !slices.ContainsFunc(all, func(x standing) bool {
		return x.Severed || x.Hash != all[0].Hash || x.Entries != all[0].Entries
	})
}

func (m *manyVenue) until(what string, is func() bool) time.Duration {
	m.t.Helper()
	began := time.Now()
	for ; !is(); time.Sleep(10 * time.Millisecond) {
		if time.Since(began) > time.Minute {
			for i, x := range m.all() {
				m.t.Logf("%d: %+v", i, x.short())
			}
			m.t.Fatalf("waited in vain: %s", what)
		}
	}
	return time.Since(began).Round(time.Millisecond)
}

// A venue whose hub is three nodes: each of its requests goes to another node. Screens of every node press on the main floor
// while the venue holds the gavel, and the venue's while the hub does; nodes and the primary are killed, also the one that
// holds the stream, and the way is cut. Nothing that anybody was told is lost, and all tell one story.
func TestVenueOfManyNodes(t *testing.T) {
	people, rounds := 40, 2
	if testing.Short() {
		people, rounds = 16, 1
	}
	m := newManyVenue(t)
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: people}, Timeout: 10 * time.Second}
	at := func(address string) *guest.Guest {
		t.Helper()
		g, err := guest.Come(client, "http://"+address+m.chair)
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	chairs := []*guest.Guest{at(m.venue.listen)}
	for _, n := range m.nodes {
		chairs = append(chairs, at(n.listen))
	}
	m.until("all are linked", m.one)
	must := func(g *guest.Guest, do map[string]any) {
		t.Helper()
		a, err := g.Do(ctx, do)
		if err != nil || !a.Accepted() {
			t.Fatalf("%v at %s: %d %s %s %v", do, g.Server, a.Status, a.Refused, a.Say, err)
		}
	}
	must(chairs[1], map[string]any{"do": "change", "linkPeople": 5000, "linkAsks": 5000})
	must(chairs[0], map[string]any{"do": "open"})
	m.until("all know that it is open", m.one)

	var mu sync.Mutex
	var heard []told
	note := func(x told) {
		mu.Lock()
		defer mu.Unlock()
		heard = append(heard, x)
	}
	var stop atomic.Bool
	var all sync.WaitGroup
	for i := range people {
		all.Go(func() {
			base := []string{"http://" + m.venue.listen, m.front.URL}[i%2]
			g, a, err := guest.Knock(ctx, client, base+"/s/"+m.id+"/online", map[string]any{"id": guest.ID(), "name": fmt.Sprint("Guest ", i), "preset": "name"})
			if err != nil || g == nil {
				t.Errorf("guest %d was not let in: %s %v", i, a.Say, err)
				return
			}
			r := rand.New(rand.NewSource(int64(i)))
			for !stop.Load() {
				do := map[string]any{"do": "ask", "id": guest.ID(), "about": "a subject"}
				a, err := g.Do(ctx, do)
				if err != nil {
					t.Errorf("no answer: %v", err)
					return
				}
				if ticket := a.Of("asked"); a.Accepted() {
					note(told{do["id"].(string), "ask", g.Person, ticket})
					time.Sleep(time.Duration(r.Intn(900)) * time.Millisecond)
					do := map[string]any{"do": "withdraw", "id": guest.ID(), "ticket": ticket}
					if a, err := g.Do(ctx, do); err == nil && a.Accepted() {
						note(told{do["id"].(string), "withdraw", g.Person, ticket})
					}
				}
				time.Sleep(time.Duration(100+r.Intn(900)) * time.Millisecond)
			}
		})
	}
	// press gives the floor once from one screen, whoever has the gavel. Who was called may withdraw; then another is called.
	press := func(who string, g *guest.Guest) {
		t.Helper()
		m.until(who+" gives the floor", func() (ended bool) {
			for _, do := range []string{"call", "start", "end"} {
				id := guest.ID()
				a, err := g.Do(ctx, map[string]any{"do": do, "id": id})
				if ended = err == nil && a.Accepted(); ended {
					note(told{id: id, do: do})
				}
			}
			return ended
		})
	}
	everywhere := func(what string) {
		t.Helper()
		began := time.Now()
		for i, g := range chairs {
			press(fmt.Sprintf("%s, screen %d", what, i), g)
		}
		t.Logf("%s: three presses from each of %d screens in %v", what, len(chairs), time.Since(began).Round(time.Millisecond))
	}
	everywhere("the venue has the gavel")
	cuts := func() int64 { return m.venue.standing(m.id).Cuts }
	for range rounds {
		// The node with the stream dies, and one that had none.
		before, streams, holder := cuts(), m.front.opened.Load(), m.nodes[m.front.stream.Load()-1]
		holder.kill()
		moved := m.until("the venue found another node", func() bool { return m.front.opened.Load() > streams })
		holder.start()
		joined := m.until("all nodes hear it", func() bool {
			return !slices.ContainsFunc(m.all(), func(x standing) bool { return x.Severed || x.Entries == 0 })
		})
		t.Logf("the node with the stream was killed: another one had it %v later, and it was back %v after that; %d cuts were noted", moved, joined, cuts()-before)
		press("after the kill", chairs[1+int(m.front.stream.Load())%3])
		other := m.nodes[int(m.front.stream.Load())%3]
		other.kill()
		time.Sleep(200 * time.Millisecond)
		other.start()
		press("after the second kill", chairs[1+int(m.front.stream.Load()+1)%3])

		m.wire.Turn(cable.Way{Cut: true})
		noticed := m.until("all notice the cut", func() bool { return !slices.ContainsFunc(m.all(), func(x standing) bool { return !x.Severed }) })
		m.wire.Turn(cable.Way{})
		healed := m.until("the cut heals", func() bool { return !slices.ContainsFunc(m.all(), func(x standing) bool { return x.Severed }) })
		t.Logf("a cut was noticed by all after %v, healed %v after the cable was back", noticed, healed)

		m.primary.Kill()
		m.primary.Up(t)
		m.until("all hear each other after the primary's death", func() bool {
			return !slices.ContainsFunc(m.all(), func(x standing) bool { return x.Severed })
		})
	}
	m.until("the gavel is passed to the hub", func() bool {
		a, err := chairs[2].Do(ctx, map[string]any{"do": "pass", "id": guest.ID(), "to": m.hub})
		return err == nil && a.Accepted()
	})
	everywhere("the hub has the gavel")
	stop.Store(true)
	all.Wait()
	m.until("one story", m.one)
	end := m.venue.standing(m.id)
	var spread []int64
	for i := range m.nodes {
		spread = append(spread, m.front.pushes[i].Load())
	}
	t.Logf("%d people, %d acknowledged, %d entries, %d cuts; %d streams; pushes at each node %v", people, len(heard), end.Entries, end.Cuts, m.front.opened.Load(), spread)
	if slices.Contains(spread, 0) {
		t.Error("a node took no push: this was no test")
	}
	for _, s := range append([]*server{m.venue}, m.nodes...) {
		s.kill()
	}
	s := m.inside()
	defer s.Close()
	checkTold(t, s, m.id, heard)
}
