package bench

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"openmic/internal/journal"
	"openmic/internal/journal/sqlite"
	"openmic/internal/web/hall"
)

// child is the program itself, started anew on a folder.
type child struct {
	cmd  *exec.Cmd
	base string        // scheme and host
	took time.Duration // from its start to its first page
}

// start starts the program, with more settings, and waits for a page of it.
func start(ctx context.Context, self, folder, page string, more ...string) (*child, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		return nil, err
	}
	c := &child{cmd: exec.CommandContext(ctx, self, append([]string{"serve", "-data", folder, "-listen", addr}, more...)...), base: "http://" + addr}
	began := time.Now()
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	for {
		res, err := http.Get(c.base + page)
		if err == nil {
			res.Body.Close()
			c.took = time.Since(began)
			if res.StatusCode == http.StatusOK {
				return c, nil
			}
			if len(more) > 0 && res.StatusCode == http.StatusNotFound && time.Since(began) < 20*time.Second { // the session is on its way
				time.Sleep(2 * time.Millisecond)
				continue
			}
			err = fmt.Errorf("first page answered %s", res.Status)
		} else if time.Since(began) < 20*time.Second {
			time.Sleep(2 * time.Millisecond)
			continue
		}
		c.stop()
		return nil, err
	}
}

func (c *child) stop() {
	c.cmd.Process.Signal(os.Interrupt)
	c.cmd.Wait()
}

// resident is the child's memory, MiB; 0 where the system does not tell. own is the part that is not the program file.
func (c *child) resident() (all, own float64) { return c.memory("VmRSS:"), c.memory("RssAnon:") }

// memory is a figure that the system keeps of the child, MiB; 0 where it does not.
func (c *child) memory(name string) float64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			if n, err := strconv.Atoi(strings.Fields(rest)[0]); err == nil {
				return float64(n) / 1024
			}
		}
	}
	return 0
}

// peak is the most memory that was resident since the start, or since peak was asked for last, MiB; 0 where the system does
// not tell.
func (c *child) peak() float64 {
	most := c.memory("VmHWM:")
	if os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", c.cmd.Process.Pid), []byte("5"), 0) != nil {
		return 0
	}
	return most
}

// coldStart measures from starting the program to its first page of a session, and its size and idle memory.
func coldStart(ctx context.Context, self string) ([]Figure, error) {
	st, err := newStage(ctx, 50)
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(st.folder)
	if err := st.halt(); err != nil {
		return nil, err
	}
	var all, own float64
	starts := func() (list []time.Duration, err error) {
		for range 5 {
			c, err := start(ctx, self, st.folder, st.hall.Base())
			if err != nil {
				return nil, err
			}
			list = append(list, c.took)
			all, own = c.resident()
			c.stop()
		}
		return list, nil
	}
	fresh, err := starts()
	if err != nil {
		return nil, err
	}
	size, err := os.Stat(self)
	if err != nil {
		return nil, err
	}
	out := []Figure{{"cold start to the first page, p50", at(fresh, 0.5), "ms", 500}, {"program file", float64(size.Size()) / (1 << 20), "MiB", 25}}
	if all > 0 {
		out = append(out, Figure{"memory after the first page", all, "MiB", 30}, Figure{"of it not the program file", own, "MiB", 0})
	}
	const entries = 100_000
	if err := st.age(ctx, entries); err != nil {
		return nil, err
	}
	old, err := starts()
	if err != nil {
		return nil, err
	}
	return append(out, Figure{fmt.Sprintf("the same beside %d old entries, p50", entries), at(old, 0.5), "ms", 500}), nil
}

// age writes so many entries into twenty other sessions of the folder. The program does not run.
func (st *stage) age(ctx context.Context, entries int) error {
	if err := st.open(ctx); err != nil {
		return err
	}
	for i := range 20 {
		if _, _, err := st.site.Create(ctx, hall.Draft{Plan: plan(fmt.Sprintf("Session %d of last year", i))}); err != nil {
			return err
		}
	}
	if err := st.halt(); err != nil {
		return err
	}
	store, err := sqlite.Open(st.folder)
	if err != nil {
		return err
	}
	defer store.Close()
	list, err := store.List(ctx)
	if err != nil {
		return err
	}
	body := []byte(strings.Repeat("an entry of usual length ", 16))
	for _, info := range list {
		if info.Session == st.hall.ID {
			continue
		}
		for left := entries / 20; left > 0; {
			head, _, err := store.Head(ctx, info.Name)
			if err != nil {
				return err
			}
			b := journal.Batch{}
			for range min(left, 500) {
				head++
				b.Entries = append(b.Entries, journal.NewEntry(head, body))
			}
			left -= len(b.Entries)
			if err := store.Append(ctx, info.Name, head-int64(len(b.Entries)), b); err != nil {
				return err
			}
		}
	}
	return nil
}

// streamMemory measures what a stream costs the program itself: its resident memory with and without 2,000 of them.
func streamMemory(ctx context.Context, self string) ([]Figure, error) {
	const n = 2000
	st, err := newStage(ctx, n/6)
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(st.folder)
	for i := range 30 {
		if err := st.do(ctx, st.crowd[i], map[string]any{"do": "ask"}); err != nil {
			return nil, err
		}
	}
	if err := st.halt(); err != nil {
		return nil, err
	}
	c, err := start(ctx, self, st.folder, st.hall.Base())
	if err != nil {
		return nil, err
	}
	defer c.stop()
	before, _ := c.resident()
	if before == 0 {
		return nil, nil // this system does not tell
	}
	for _, g := range st.crowd {
		g.Server = c.base
	}
	_, shut, err := st.watchers(ctx, st.crowd, n)
	defer shut()
	if err != nil {
		return nil, err
	}
	after, _ := c.resident()
	return []Figure{{fmt.Sprintf("memory a stream of %d, server", n), (after - before) * 1024 / n, "KiB", 27}}, nil
}
