package bench

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"openmic/floor"
	"openmic/internal/guest"
)

// All measures everything. self is the program's own file, started anew for the cold start. progress hears what goes on.
func All(ctx context.Context, self string, progress io.Writer) ([]Figure, error) {
	return measure(ctx, progress, []part{
		{"200 streams", func(ctx context.Context) ([]Figure, error) { return streams(ctx, 200, 40) }},
		{"2,000 streams", func(ctx context.Context) ([]Figure, error) { return streams(ctx, 2000, 15) }},
		{"bytes", readerBytes},
		{"1,000 commands at once", commands},
		{"the wall in a browser", wallDOM},
		{"memory of 2,000 streams", func(ctx context.Context) ([]Figure, error) { return streamMemory(ctx, self) }},
		{"cold start", func(ctx context.Context) ([]Figure, error) { return coldStart(ctx, self) }},
	})
}

// part is one thing that is measured.
type part struct {
	name string
	run  func(context.Context) ([]Figure, error)
}

// measure runs parts one after the other; with an error come the figures so far.
func measure(ctx context.Context, progress io.Writer, parts []part) ([]Figure, error) {
	var out []Figure
	for _, p := range parts {
		fmt.Fprintf(progress, "measuring: %s\n", p.name)
		list, err := p.run(ctx)
		if err != nil {
			return out, fmt.Errorf("%s: %w", p.name, err)
		}
		out = append(out, list...)
	}
	return out, nil
}

// watcher is one open stream, read without being understood.
type watcher struct {
	conn  net.Conn
	last  atomic.Int64 // when bytes arrived last, Unix ns
	bytes atomic.Int64
}

// watch opens a stream as the script of our pages would, gzip and phrases included, on a connection of its own.
func (st *stage) watch(g *guest.Guest, screen string) (*watcher, error) {
	u, err := url.Parse(g.Server)
	if err != nil {
		return nil, err
	}
	c, err := net.Dial("tcp", u.Host)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(c, "GET %s%s/live?lang=en&phrases HTTP/1.1\r\nHost: %s\r\nAccept: text/event-stream\r\nAccept-Encoding: gzip\r\nAuthorization: Bearer %s\r\n\r\n",
		g.Path, screen, u.Host, g.Secret)
	in := bufio.NewReaderSize(c, 4096)
	res, err := http.ReadResponse(in, nil)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("stream answered %s", res.Status)
	}
	w := &watcher{conn: c}
	go func() {
		buf := make([]byte, 4096)
		for {
			n, err := res.Body.Read(buf)
			if n > 0 {
				w.bytes.Add(int64(n))
				w.last.Store(time.Now().UnixNano())
			}
			if err != nil {
				return
			}
		}
	}()
	return w, nil
}

// watchers opens so many streams of the line, the guests taking one each and round again, and waits until each has its
// first view. shut ends those that were opened, also when there is an error.
func (st *stage) watchers(ctx context.Context, guests []*guest.Guest, n int) (ws []*watcher, shut func(), err error) {
	shut = func() {
		for _, w := range ws {
			w.conn.Close()
		}
	}
	for i := range n {
		w, err := st.watch(guests[i%len(guests)], "line")
		if err != nil {
			return ws, shut, err
		}
		ws = append(ws, w)
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	_, err = settle(ctx, ws, time.Unix(1, 0))
	return ws, shut, err
}

// settle waits until every watcher has heard something since the moment.
func settle(ctx context.Context, ws []*watcher, since time.Time) (last time.Time, err error) {
	for {
		newest, all := int64(0), true
		for _, w := range ws {
			at := w.last.Load()
			if at < since.UnixNano() {
				all = false
				break
			}
			newest = max(newest, at)
		}
		if all {
			return time.Unix(0, newest), nil
		}
		select {
		case <-ctx.Done():
			return last, fmt.Errorf("a stream heard nothing: %w", ctx.Err())
		case <-time.After(500 * time.Microsecond):
		}
	}
}

// streams measures from pressing a command until the last of n participants' streams has the new view; the disk's fsync
// is in it.
func streams(ctx context.Context, n, rounds int) ([]Figure, error) {
	st, err := newStage(ctx, max(60, n/6))
	if err != nil {
		return nil, err
	}
	defer st.close()
	for i := range 30 {
		if err := st.do(ctx, st.crowd[i], map[string]any{"do": "ask", "about": "a subject of a few words"}); err != nil {
			return nil, err
		}
	}
	before := memory()
	ws, shut, err := st.watchers(ctx, st.crowd, n)
	defer shut()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	each := float64(memory()-before) / float64(n) / 1024
	var took, whole []time.Duration
	g := st.crowd[40]
	for i := range rounds {
		time.Sleep(400 * time.Millisecond) // beyond the gap between two views
		do := map[string]any{"do": "ask", "about": "one more"}
		if i%2 == 1 {
			do = map[string]any{"do": "withdraw", "ticket": st.hall.Session.View().Live(g.Person).ID}
		}
		pressed := time.Now()
		if err := st.do(ctx, g, do); err != nil {
			return nil, err
		}
		accepted := time.Now()
		last, err := settle(ctx, ws, pressed)
		if err != nil {
			return nil, err
		}
		whole = append(whole, last.Sub(pressed))
		took = append(took, max(0, last.Sub(accepted)))
	}
	name := fmt.Sprintf("last of %d streams after ", n)
	budget := map[int]float64{200: 200}[n]
	return []Figure{
		{name + "accepted, p50", at(took, 0.5), "ms", 0}, {name + "accepted, p95", at(took, 0.95), "ms", budget},
		{name + "pressed, p50", at(whole, 0.5), "ms", 0}, {name + "pressed, p95", at(whole, 0.95), "ms", budget},
		{fmt.Sprintf("memory a stream of %d, both ends", n), each, "KiB", 0},
	}, nil
}

// memory is what the heap and stacks of this process hold, bytes.
func memory() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}

// beyondGap is longer than the least time between two views of a participant.
const beyondGap = 260 * time.Millisecond

var linked = regexp.MustCompile(`(?:href|src)="(/a/[^"]+)"`)

// readerBytes measures what a participant downloads: the first load with everything it names, and a 90-minute session
// of 400 changes with its heartbeats.
func readerBytes(ctx context.Context) ([]Figure, error) {
	st, err := newStage(ctx, 60)
	if err != nil {
		return nil, err
	}
	defer st.close()
	// Fifteen stay in line; those who come and go make it thirty on average.
	for i := range 15 {
		if err := st.do(ctx, st.crowd[i], map[string]any{"do": "ask", "about": "a subject of a few words"}); err != nil {
			return nil, err
		}
	}
	g := st.crowd[0]
	total, requests := 0, 0
	get := func(path string) ([]byte, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, g.Server+path, nil)
		if err != nil {
			return nil, err
		}
		req.Header.Set("Authorization", "Bearer "+g.Secret)
		req.Header.Set("Accept-Encoding", "gzip")
		res, err := st.client.Do(req)
		if err != nil {
			return nil, err
		}
		defer res.Body.Close()
		raw, err := io.ReadAll(res.Body)
		if err != nil {
			return nil, err
		}
		total += len(raw)
		requests++
		if res.Header.Get("Content-Encoding") != "gzip" {
			return raw, nil
		}
		z, err := gzip.NewReader(bytes.NewReader(raw))
		if err != nil {
			return nil, err
		}
		return io.ReadAll(z)
	}
	html, err := get(g.Path + "line")
	if err != nil {
		return nil, err
	}
	for _, m := range linked.FindAllSubmatch(html, -1) {
		if _, err := get(string(m[1])); err != nil {
			return nil, err
		}
	}
	w, err := st.watch(g, "line")
	if err != nil {
		return nil, err
	}
	defer w.conn.Close()
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	if _, err := settle(ctx, []*watcher{w}, time.Unix(1, 0)); err != nil {
		return nil, err
	}
	time.Sleep(beyondGap) // the first view comes just after the greeting
	first := w.bytes.Load()
	total += int(first)
	requests++

	// Changes as a session has them: asks, withdrawals, calls and turns, spread over 90 minutes of the program's clock.
	var sizes []time.Duration // bytes, so that the same quantiles serve
	by := map[string][]time.Duration{}
	const changes, length = 400, 90 * time.Minute
	for i := range changes {
		before := w.bytes.Load()
		pressed := time.Now()
		st.pass(length / changes)
		what, err := st.change(ctx, i)
		if err != nil {
			return nil, err
		}
		if _, err := settle(ctx, []*watcher{w}, pressed); err != nil {
			return nil, err
		}
		time.Sleep(beyondGap)
		size := time.Duration(w.bytes.Load()-before) * time.Millisecond
		sizes, by[what] = append(sizes, size), append(by[what], size)
	}
	session := float64(w.bytes.Load())
	// Every half minute the rounded times may change. When none does, nothing is sent.
	var times []time.Duration
	const looks, sample = 180, 20
	sent, spent := 0.0, int64(0)
	for range sample {
		before := w.bytes.Load()
		st.pass(30 * time.Second)
		time.Sleep(1500 * time.Millisecond) // the program looks every second
		n := w.bytes.Load() - before
		if n > 0 {
			sent++
		}
		times, spent = append(times, time.Duration(n)*time.Millisecond), spent+n
	}
	session += float64(spent) / sample * looks
	// After 15 s of silence the view is said again. With changes that come by chance that is so often:
	views := changes + looks*sent/sample
	beats := views / math.Expm1(15*views/length.Seconds())
	quiet := w.bytes.Load()
	since := time.Now()
	if _, err := settle(ctx, []*watcher{w}, since); err != nil {
		return nil, err
	}
	session += float64(w.bytes.Load()-quiet) * beats
	list := []Figure{
		{"participant's first load, gzip", float64(total) / 1024, "KiB", 10}, {"participant's first load, requests", float64(requests), "", 4},
		{"the stream's beginning: phrases and first view", float64(first), "B", 0},
		{"update of a view of 30, p50", at(sizes, 0.5), "B", 0}, {"update of a view of 30, p95", at(sizes, 0.95), "B", 150},
	}
	for _, what := range []string{"ask", "withdraw", "call", "start"} {
		list = append(list, Figure{"update after " + what + ", p50", at(by[what], 0.5), "B", 0}, Figure{"update after " + what + ", p95", at(by[what], 0.95), "B", 0})
	}
	return append(list,
		Figure{"update of the rounded times, p50", at(times, 0.5), "B", 0}, Figure{"the same view again", float64(w.bytes.Load() - quiet), "B", 0},
		Figure{"stream of 90 minutes, 400 changes", session / 1024, "KiB", 60},
	), nil
}

// change makes the i-th change of a session: of each ten, the chair calls and the called starts, which ends the turn before,
// and eight are people who ask or withdraw. Forty turns in 400 changes. It tells the command.
func (st *stage) change(ctx context.Context, i int) (what string, err error) {
	v := st.hall.Session.View()
	switch i % 10 {
	case 0:
		return "call", st.do(ctx, st.crew, map[string]any{"do": "call"})
	case 1:
		return "start", st.do(ctx, st.crew, map[string]any{"do": "start"})
	}
	for n := i; ; n++ {
		g := st.crowd[30+n%30]
		switch t := v.Live(g.Person); {
		case t == nil:
			return "ask", st.do(ctx, g, map[string]any{"do": "ask", "about": "a subject of a few words"})
		case t.Status == floor.Waiting:
			return "withdraw", st.do(ctx, g, map[string]any{"do": "withdraw", "ticket": t.ID})
		}
	}
}

// commands measures a thousand people who ask at the same moment, over HTTP, each answered only when it is on disk.
func commands(ctx context.Context) ([]Figure, error) {
	const n = 1000
	st, err := newStage(ctx, n)
	if err != nil {
		return nil, err
	}
	defer st.close()
	var accepted atomic.Int64
	var ready, all sync.WaitGroup
	begin := make(chan struct{})
	ready.Add(n)
	for _, g := range st.crowd {
		all.Go(func() {
			ready.Done()
			<-begin
			if a, err := g.Do(ctx, map[string]any{"do": "ask"}); err == nil && a.Accepted() {
				accepted.Add(1)
			}
		})
	}
	ready.Wait()
	start := time.Now()
	close(begin)
	all.Wait()
	took := time.Since(start)
	return []Figure{
		{"1,000 commands at once, accepted", float64(accepted.Load()), "", 0},
		{"1,000 commands at once, all durable", ms(took), "ms", 150},
		{"commands a second, durable", float64(accepted.Load()) / took.Seconds(), "1/s", 0},
	}, nil
}
