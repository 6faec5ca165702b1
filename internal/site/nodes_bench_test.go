package site_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"openmic/floor"
	"openmic/internal/guest"
	"openmic/internal/journal/postgres/pgtest"
	"openmic/internal/web/hall"
)

// How soon a screen of another node shows what was pressed at one, over a primary with a synchronous standby: after the
// press (ms), and after whoever pressed had the answer. With people, so many press now and then at both nodes meanwhile.
func BenchmarkScreensOfOtherNodes(b *testing.B) {
	for _, people := range []int{0, 50, 200} {
		b.Run(fmt.Sprintf("people=%d", people), func(b *testing.B) { screensOfOtherNodes(b, people) })
	}
}

func screensOfOtherNodes(b *testing.B, people int) {
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	primary := pgtest.Start(b)
	url := primary.URL("postgres")
	primary.Standby(b, "second")
	primary.Configure(b, "synchronous_standby_names = 'second'")
	here, key := aNode(b, url, "")
	there, _ := aNode(b, url, key)
	id, links, err := here.Create(ctx, hall.Draft{
		Plan:   floor.Plan{Title: "On two nodes", Segments: []floor.SegmentPlan{{Kind: "discussion", Minutes: 90}}},
		People: []hall.Invitee{{Name: "Chair", Roles: floor.Chair | floor.Desk | floor.Organiser}},
	})
	if err != nil {
		b.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: people + 10}}
	chair, err := guest.Come(client, here.Local()+links[0].Path)
	if err != nil {
		b.Fatal(err)
	}
	must := func(do map[string]any) {
		b.Helper()
		if a, err := chair.Do(ctx, do); err != nil || !a.Accepted() {
			b.Fatal(a.Say, err)
		}
	}
	must(map[string]any{"do": "change", "linkPeople": 5000, "linkAsks": 5000})
	must(map[string]any{"do": "open"})
	elsewhere := *chair
	elsewhere.Server = there.Local()
	res, err := elsewhere.Get(ctx, "notes/live")
	if err != nil || res.StatusCode != http.StatusOK {
		b.Fatal(res, err)
	}
	defer res.Body.Close()
	shown := make(chan string, 1000)
	go func() {
		for lines := bufio.NewReader(res.Body); ; {
			line, err := lines.ReadString('\n')
			if err != nil {
				close(shown)
				return
			}
			if strings.Contains(line, "mark-") {
				shown <- line
			}
		}
	}()
	var all sync.WaitGroup
	defer all.Wait()
	defer cancel()
	for i := range people {
		base := []string{here.Local(), there.Local()}[i%2]
		all.Go(func() {
			g, _, err := guest.Knock(ctx, client, base+"/s/"+id+"/online", map[string]any{"id": guest.ID(), "name": fmt.Sprint("Guest ", i), "preset": "name"})
			if err != nil || g == nil {
				return
			}
			for r := rand.New(rand.NewSource(int64(i))); ctx.Err() == nil; {
				a, err := g.Do(ctx, map[string]any{"do": "ask", "about": "a subject"})
				if err == nil && a.Accepted() {
					_, _ = g.Do(ctx, map[string]any{"do": "withdraw", "ticket": a.Of("asked")})
				}
				select {
				case <-ctx.Done():
				case <-time.After(time.Duration(500+r.Intn(3000)) * time.Millisecond):
				}
			}
		})
	}
	h, ok := there.Hall(id)
	if !ok {
		b.Fatal("the other node does not open the session")
	}
	var pressed, answered, folded []time.Duration
	for n := 0; b.Loop(); n++ {
		mark := fmt.Sprintf("mark-%d.", n)
		began := time.Now()
		seen := make(chan time.Time, 1)
		go func() { // the view, before its screens
			for v := h.Session.View(); ; v = h.Session.View() {
				if k := len(v.Notes); k > 0 && v.Say(v.Notes[k-1].Text) == mark {
					seen <- time.Now()
					return
				}
				select {
				case <-v.Newer:
				case <-ctx.Done():
					return
				}
			}
		}()
		must(map[string]any{"do": "jot", "text": mark})
		had := time.Now()
		for line := ""; !strings.Contains(line, mark); {
			select {
			case line = <-shown:
			case <-time.After(20 * time.Second):
				b.Fatalf("%s never shows", mark)
			}
		}
		pressed, answered = append(pressed, time.Since(began)), append(answered, time.Since(had))
		at := <-seen
		folded = append(folded, max(0, at.Sub(had)))
		time.Sleep(time.Duration(150+rand.Intn(300)) * time.Millisecond)
	}
	for what, list := range map[string][]time.Duration{"press": pressed, "answer": answered, "view": folded} {
		slices.Sort(list)
		for _, q := range []struct {
			name string
			at   int
		}{{"p50", len(list) / 2}, {"p95", len(list) * 95 / 100}, {"max", len(list) - 1}} {
			b.ReportMetric(float64(list[q.at].Microseconds())/1000, what+"-"+q.name+"-ms")
		}
	}
	b.ReportMetric(0, "ns/op")
}
