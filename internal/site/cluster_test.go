package site_test

import (
	"context"
	"fmt"
	"io"
	"math/rand"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"openmic/floor"
	"openmic/internal/guest"
	"openmic/internal/journal/postgres/pgtest"
	"openmic/internal/site"
	"openmic/internal/web/hall"
)

// A cluster is a primary, a synchronous standby, three nodes and a proxy in front of them, all on loopback.
type cluster struct {
	t                *testing.T
	primary, standby *pgtest.Server
	url              string // of the database, with both hosts
	nodes            []*server
	front            *front
	id, chair        string // of its session
	key              string // folder of the site's key
}

func gather(t *testing.T) *cluster {
	t.Helper()
	c := &cluster{t: t, primary: pgtest.Start(t)}
	own := c.primary.Database(t)
	c.standby = c.primary.Standby(t, "second")
	c.primary.Configure(t, "synchronous_standby_names = 'second'")
	c.url = strings.Replace(own, c.primary.Address(), c.primary.Address()+","+c.standby.Address(), 1)

	c.key = t.TempDir()
	s, err := site.Open(t.Context(), site.Settings{Data: c.key, Journal: c.url, Listen: "127.0.0.1:0"}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Serve(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(s.Promise(), "synchronous standby (second)") {
		t.Errorf("it promises %s", s.Promise())
	}
	id, links, err := s.Create(t.Context(), hall.Draft{
		Plan:   floor.Plan{Title: "A session on three nodes", Segments: []floor.SegmentPlan{{Kind: "discussion", Minutes: 90, Protected: true}}},
		People: []hall.Invitee{{Name: "Chair", Roles: floor.Chair | floor.Desk | floor.Organiser}},
	})
	if err != nil {
		t.Fatal(err)
	}
	c.id, c.chair = id, links[0].Path
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	key, err := os.ReadFile(filepath.Join(c.key, "key"))
	if err != nil {
		t.Fatal(err)
	}
	c.front = inFront(t)
	for range 3 {
		folder := t.TempDir()
		if err := os.WriteFile(filepath.Join(folder, "key"), key, 0o600); err != nil {
			t.Fatal(err)
		}
		n := &server{t: t, data: folder, listen: freeAddress(t), journal: c.url}
		n.start()
		t.Cleanup(n.kill)
		c.nodes = append(c.nodes, n)
		c.front.to = append(c.front.to, n.listen)
	}
	go c.front.carry()
	return c
}

// front gives each connection to the next node that answers. It knows nothing of HTTP.
type front struct {
	l    net.Listener
	to   []string
	next atomic.Int64
}

func inFront(t *testing.T) *front {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return &front{l: l}
}

func (f *front) carry() {
	for {
		c, err := f.l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			for range f.to {
				n, err := net.Dial("tcp", f.to[int(f.next.Add(1))%len(f.to)])
				if err != nil {
					continue
				}
				go func() {
					io.Copy(n, c)
					n.Close()
				}()
				io.Copy(c, n)
				n.Close()
				return
			}
		}()
	}
}

// watch keeps a stream open as a browser does, and notes when each one that broke went on.
func (c *cluster) watch(ctx context.Context, g *guest.Guest, broke func(time.Duration)) {
	alone := *g
	alone.HTTP = &http.Client{Transport: &http.Transport{}}
	var since time.Time
	for ctx.Err() == nil {
		res, err := alone.Get(ctx, "line/live")
		if err == nil && res.StatusCode == http.StatusOK {
			b := make([]byte, 4096)
			if n, _ := res.Body.Read(b); n > 0 && !since.IsZero() {
				broke(time.Since(since))
				since = time.Time{}
			}
			io.Copy(io.Discard, res.Body) // to its end, however it ends
		}
		if res != nil {
			res.Body.Close()
		}
		if since.IsZero() {
			since = time.Now()
		}
		alone.HTTP.CloseIdleConnections()
		select {
		case <-ctx.Done():
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Nodes and the primary are killed and started again while people ask and withdraw through the proxy, then the primary
// is killed for ever and its standby promoted, and nodes are killed again. Whatever anybody was told stands in the database, once.
func TestClusterUnderLoad(t *testing.T) {
	people, rounds := 60, 4
	if testing.Short() {
		people, rounds = 20, 1
	}
	c := gather(t)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: people}, Timeout: 30 * time.Second}
	base := "http://" + c.front.l.Addr().String()
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	chair, err := guest.Come(client, base+c.chair)
	if err != nil {
		t.Fatal(err)
	}
	for _, do := range []map[string]any{{"do": "change", "linkPeople": 5000, "linkAsks": 5000}, {"do": "open"}} {
		if a, err := chair.Do(ctx, do); err != nil || !a.Accepted() {
			t.Fatal(a.Say, err)
		}
	}
	var crowd []*guest.Guest
	for i := range people {
		g, a, err := guest.Knock(ctx, client, base+"/s/"+c.id+"/online", map[string]any{"id": guest.ID(), "name": fmt.Sprint("Guest ", i), "preset": "name"})
		if err != nil || g == nil {
			t.Fatalf("guest %d was not let in: %s %v", i, a.Say, err)
		}
		crowd = append(crowd, g)
	}
	var mu sync.Mutex
	var heard []told
	var last time.Time
	var moved []time.Duration
	note := func(x told) {
		mu.Lock()
		defer mu.Unlock()
		heard, last = append(heard, x), time.Now()
	}
	count := func() int {
		mu.Lock()
		defer mu.Unlock()
		return len(heard)
	}
	var stop atomic.Bool
	var all sync.WaitGroup
	watching, unwatch := context.WithCancel(ctx)
	for _, g := range crowd[:12] {
		all.Go(func() {
			c.watch(watching, g, func(d time.Duration) {
				mu.Lock()
				moved = append(moved, d)
				mu.Unlock()
			})
		})
	}
	for i, g := range crowd {
		all.Go(func() {
			r := rand.New(rand.NewSource(int64(i)))
			for !stop.Load() {
				do := map[string]any{"do": "ask", "id": guest.ID(), "about": "a subject"}
				if r.Intn(3) == 0 {
					do = map[string]any{"do": "write", "id": guest.ID(), "text": "a card of a few words"}
				}
				a, err := g.Do(ctx, do)
				if err != nil {
					t.Errorf("no answer: %v", err)
					return
				}
				if a.Accepted() {
					ticket := a.Of("asked")
					note(told{do["id"].(string), do["do"].(string), g.Person, ticket})
					do := map[string]any{"do": "withdraw", "id": guest.ID(), "ticket": ticket}
					if a, err := g.Do(ctx, do); err == nil && a.Accepted() {
						note(told{do["id"].(string), "withdraw", g.Person, ticket})
					}
				}
				time.Sleep(time.Duration(100+r.Intn(400)) * time.Millisecond)
			}
		})
	}
	all.Go(func() { // the chair goes on calling: something is always on its way to the disk
		for !stop.Load() {
			for _, do := range []string{"call", "start", "end"} {
				id := guest.ID()
				if a, err := chair.Do(ctx, map[string]any{"do": do, "id": id}); err == nil && a.Accepted() {
					note(told{id: id, do: do})
				}
				time.Sleep(5 * time.Millisecond)
			}
		}
	})
	// goes on until so many more were told something.
	more := func(n int) {
		t.Helper()
		for before := count(); count() < before+n; time.Sleep(time.Millisecond) {
			if ctx.Err() != nil {
				t.Fatalf("nobody is told anything any more; %d were\n%s", count(), c.standby.Log())
			}
		}
	}
	kills := 0
	killNodes := func() {
		for _, n := range c.nodes {
			more(people / 2)
			n.kill()
			more(people / 2)
			n.start()
			kills++
		}
	}
	for range rounds {
		killNodes()
		for range 2 {
			c.primary.Kill()
			c.primary.Up(t)
			kills++
			more(people / 2)
		}
	}
	more(people / 2)
	c.primary.Kill()
	mu.Lock()
	before := last
	mu.Unlock()
	c.standby.Promote(t)
	promoted := time.Now()
	more(1)
	mu.Lock()
	t.Logf("primary killed; the standby was promoted after %v, and %v later the first command was accepted",
		promoted.Sub(before).Round(time.Millisecond), last.Sub(promoted).Round(time.Millisecond))
	mu.Unlock()
	killNodes()
	more(people / 2)
	stop.Store(true)
	unwatch()
	all.Wait()
	for _, n := range c.nodes {
		n.kill()
	}
	slices.Sort(moved)
	if len(moved) == 0 {
		t.Error("no stream ever broke")
	} else {
		t.Logf("%d streams broke and went on, p50 %v, the last after %v", len(moved), moved[len(moved)/2].Round(time.Millisecond), moved[len(moved)-1].Round(time.Millisecond))
	}
	t.Logf("%d kills of nodes and the primary, 1 promotion, %d people, %d commands were acknowledged", kills, people, len(heard))
	s, err := site.Open(ctx, site.Settings{Data: c.key, Journal: c.url, Listen: "127.0.0.1:0"}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	checkTold(t, s, c.id, heard)
}

// TestClusterToPlayWith is make cluster: it says where everything is and stays until Ctrl-C.
func TestClusterToPlayWith(t *testing.T) {
	if os.Getenv("OPENMIC_CLUSTER") != "stay" {
		t.Skip("for make cluster")
	}
	ctx, stop := signal.NotifyContext(t.Context(), os.Interrupt)
	defer stop()
	c := gather(t)
	base := "http://" + c.front.l.Addr().String()
	fmt.Printf("primary    %s (pid %d)\nstandby    %s (pid %d), synchronous\n", c.primary.Address(), c.primary.PID(), c.standby.Address(), c.standby.PID())
	for i, n := range c.nodes {
		fmt.Printf("node %d     http://%s (pid %d)\n", i+1, n.listen, n.cmd.Process.Pid)
	}
	fmt.Printf("proxy      %s\nchair      %s%s\npeople     %s/s/%s/online\n\nKill what you like with kill -9 and watch the pages.\n", base, base, c.chair, base, c.id)
	fmt.Printf("To promote the standby: psql -h 127.0.0.1 -p %d -U openmic postgres -c 'SELECT pg_promote()'\nCtrl-C ends it.\n", c.standby.Port)
	<-ctx.Done()
}
