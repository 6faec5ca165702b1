package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"openmic/floor"
	"openmic/internal/guest"
	"openmic/internal/site"
	"openmic/internal/web/hall"
)

// stage is a running program with one session, its crew and a crowd.
type stage struct {
	folder string
	site   *site.Site
	hall   *hall.Hall
	client *http.Client
	crew   *guest.Guest
	crowd  []*guest.Guest
	ahead  atomic.Int64 // how far the program's clock runs ahead of the real one, ns
}

// pass lets the program's clock jump.
func (st *stage) pass(d time.Duration) { st.ahead.Add(int64(d)) }

func (st *stage) now() time.Time { return time.Now().Add(time.Duration(st.ahead.Load())) }

func newStage(ctx context.Context, people int) (*stage, error) {
	folder, err := os.MkdirTemp("", "openmic-bench-")
	if err != nil {
		return nil, err
	}
	st := &stage{folder: folder, client: &http.Client{Transport: &http.Transport{MaxIdleConns: 4000, MaxIdleConnsPerHost: 4000}}}
	if err := st.open(ctx); err != nil {
		return nil, err
	}
	id, links, err := st.site.Create(ctx, hall.Draft{
		Plan:   plan("Benchmark"),
		People: []hall.Invitee{{Name: "Crew", Roles: floor.Organiser | floor.Chair | floor.Venue | floor.Desk}},
	})
	if err != nil {
		return nil, err
	}
	st.hall, _ = st.site.Hall(id)
	if st.crew, err = guest.Come(st.client, st.site.Local()+links[0].Path); err != nil {
		return nil, err
	}
	// A crowd of programs that bring no device is let in at the organiser's word.
	for _, do := range []map[string]any{{"do": "change", "linkPeople": 5000, "linkAsks": 5000}, {"do": "open"}} {
		if err := st.do(ctx, st.crew, do); err != nil {
			return nil, err
		}
	}
	st.crowd = make([]*guest.Guest, people)
	var all sync.WaitGroup
	var mu sync.Mutex
	slots := make(chan struct{}, 16)
	for i := range people {
		all.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			g, e := st.join(ctx, i)
			mu.Lock()
			st.crowd[i], err = g, errors.Join(err, e)
			mu.Unlock()
		})
	}
	all.Wait()
	return st, err
}

// open starts the program in this process.
func (st *stage) open(ctx context.Context) (err error) {
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	if st.site, err = site.Open(ctx, site.Settings{Data: st.folder, Listen: "127.0.0.1:0", Now: st.now}, quiet); err != nil {
		return err
	}
	return st.site.Serve(ctx)
}

func plan(title string) floor.Plan {
	return floor.Plan{Title: title, Questions: []string{"Does a change reach everybody at once?"},
		Segments: []floor.SegmentPlan{{Kind: "discussion", Minutes: 90, Protected: true}}}
}

// join brings in one of the crowd; the door takes so many a second, so it knocks until it opens.
func (st *stage) join(ctx context.Context, i int) (*guest.Guest, error) {
	door := "online"
	if i%2 == 1 {
		door = "room/" + st.hall.RoomCode()
	}
	for {
		g, a, err := guest.Knock(ctx, st.client, st.site.Local()+st.hall.Base()+door, map[string]any{"id": guest.ID(), "name": fmt.Sprintf("Guest %d", i), "preset": "name"})
		if g != nil || err != nil {
			return g, err
		}
		if a.Status != http.StatusTooManyRequests {
			return nil, fmt.Errorf("join: %s", a.Say)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func (st *stage) do(ctx context.Context, g *guest.Guest, fields map[string]any) error {
	a, err := g.Do(ctx, fields)
	if err == nil && !a.Accepted() {
		err = fmt.Errorf("%v: %s", fields["do"], a.Say)
	}
	return err
}

// halt stops the program; its folder stays.
func (st *stage) halt() error {
	st.client.CloseIdleConnections()
	return st.site.Close()
}

func (st *stage) close() error { return errors.Join(st.halt(), os.RemoveAll(st.folder)) }
