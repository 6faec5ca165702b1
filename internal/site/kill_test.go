package site_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"openmic/floor"
	"openmic/internal/guest"
	"openmic/internal/site"
	"openmic/internal/web/hall"
)

// TestMain lets this test program be the server that a test kills.
func TestMain(m *testing.M) {
	if data := os.Getenv("OPENMIC_TEST_SERVE"); data != "" {
		serveUntilKilled(data, os.Getenv("OPENMIC_TEST_LISTEN"))
	}
	os.Exit(m.Run())
}

func serveUntilKilled(data, listen string) {
	s, err := site.Open(context.Background(), site.Settings{Data: data, Journal: os.Getenv("OPENMIC_TEST_JOURNAL"), Listen: listen}, slog.New(slog.NewTextHandler(os.Stderr, nil)))
	if err == nil {
		err = s.Serve(context.Background())
	}
	if join := os.Getenv("OPENMIC_TEST_JOIN"); err == nil && join != "" {
		_, err = s.Join(context.Background(), join)
	}
	if err != nil {
		fmt.Println("cannot serve:", err)
		os.Exit(1)
	}
	fmt.Println("serving")
	for in := bufio.NewScanner(os.Stdin); in.Scan(); { // the id of a session: how does it stand?
		tellStanding(s, in.Text())
	}
	select {}
}

// server is the program as a process of its own.
type server struct {
	t            *testing.T
	data, listen string
	journal      string   // the database, "" for the folder
	within       []string // the program that starts it, with its arguments; nil: none
	join         string   // of a venue: the link by which it joins
	cmd          *exec.Cmd
	in           io.Writer
	out          *bufio.Reader
}

func (s *server) start() {
	s.t.Helper()
	s.launch()
	if line := s.says(); line != "serving" {
		s.t.Fatalf("the server said %q", line)
	}
}

// says is the next line that it prints; empty when it has ended.
func (s *server) says() string {
	line, _ := s.out.ReadString('\n')
	return strings.TrimSuffix(line, "\n")
}

// launch is start of one that may have to wait before it serves.
func (s *server) launch() {
	s.t.Helper()
	args := append(slices.Clone(s.within), os.Args[0])
	s.cmd = exec.Command(args[0], args[1:]...)
	s.cmd.Env = append(os.Environ(), "OPENMIC_TEST_SERVE="+s.data, "OPENMIC_TEST_LISTEN="+s.listen, "OPENMIC_TEST_JOURNAL="+s.journal, "OPENMIC_TEST_JOIN="+s.join)
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if s.in, err = s.cmd.StdinPipe(); err != nil {
		s.t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.out = bufio.NewReader(out)
}

func (s *server) kill() {
	s.cmd.Process.Kill()
	s.cmd.Wait() // a killed process has no other news
}

// told is what a guest was told about a command.
type told struct {
	id, do string
	person floor.ID
	ticket floor.ID
}

// Two hundred people ask, write and withdraw over HTTP while the process is killed fifty times. Whatever anybody was
// told stands in the journal, once, and the session goes on.
func TestKilledUnderLoad(t *testing.T) {
	people, kills := 200, 50
	if testing.Short() {
		people, kills = 40, 8
	}
	folder := t.TempDir()
	listen := freeAddress(t)
	id, link := prepare(t, folder)

	srv := &server{t: t, data: folder, listen: listen}
	srv.start()
	defer func() { srv.kill() }()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: people}, Timeout: 10 * time.Second}
	base := "http://" + listen
	chair, err := guest.Come(client, base+link)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	defer cancel()

	if a, err := chair.Do(ctx, map[string]any{"do": "change", "linkPeople": 5000, "linkAsks": 5000}); err != nil || !a.Accepted() {
		t.Fatal(a.Say, err) // the crowd brings no devices
	}
	var crowd []*guest.Guest
	for i := range people {
		g, a, err := guest.Knock(ctx, client, base+"/s/"+id+"/online", map[string]any{"id": guest.ID(), "name": fmt.Sprint("Guest ", i), "preset": "name"})
		for err == nil && g == nil && a.Status == http.StatusTooManyRequests {
			time.Sleep(20 * time.Millisecond)
			g, a, err = guest.Knock(ctx, client, base+"/s/"+id+"/online", map[string]any{"id": guest.ID(), "name": fmt.Sprint("Guest ", i), "preset": "name"})
		}
		if err != nil || g == nil {
			t.Fatalf("guest %d was not let in: %s %v", i, a.Say, err)
		}
		crowd = append(crowd, g)
	}
	if a, err := chair.Do(ctx, map[string]any{"do": "open"}); err != nil || !a.Accepted() {
		t.Fatal(a.Say, err)
	}

	var mu sync.Mutex
	var heard []told
	var stop atomic.Bool
	var all sync.WaitGroup
	note := func(x told) {
		mu.Lock()
		heard = append(heard, x)
		mu.Unlock()
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
					time.Sleep(time.Duration(r.Intn(300)) * time.Millisecond)
					do := map[string]any{"do": "withdraw", "id": guest.ID(), "ticket": ticket}
					if a, err := g.Do(ctx, do); err == nil && a.Accepted() {
						note(told{do["id"].(string), "withdraw", g.Person, ticket})
					}
				}
				time.Sleep(time.Duration(r.Intn(200)) * time.Millisecond)
			}
		})
	}
	all.Go(func() { // the chair goes on calling
		for !stop.Load() {
			for _, do := range []string{"call", "start", "end"} {
				id := guest.ID()
				if a, err := chair.Do(ctx, map[string]any{"do": do, "id": id}); err == nil && a.Accepted() {
					note(told{id: id, do: do})
				}
				time.Sleep(20 * time.Millisecond)
			}
		}
	})
	r := rand.New(rand.NewSource(1))
	for range kills {
		time.Sleep(time.Duration(40+r.Intn(200)) * time.Millisecond)
		srv.kill()
		srv.start()
	}
	stop.Store(true)
	all.Wait()
	srv.kill()
	t.Logf("%d kills, %d people, %d commands were acknowledged", kills, people, len(heard))

	checkHeard(t, folder, id, heard)
}

// checkHeard opens the folder again and looks for everything that anybody was told.
func checkHeard(t *testing.T, folder, id string, heard []told) {
	t.Helper()
	s, err := site.Open(context.Background(), site.Settings{Data: folder, Listen: "127.0.0.1:0"}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	checkTold(t, s, id, heard)
}

// checkTold looks for everything that anybody was told.
func checkTold(t *testing.T, s *site.Site, id string, heard []told) {
	t.Helper()
	h, ok := s.Hall(id)
	if !ok {
		t.Fatal("the session does not open after the kills")
	}
	v := h.Session.View()
	if v.Frictions > 0 {
		t.Errorf("%d entries found nothing to change", v.Frictions)
	}
	seen := map[floor.ID]bool{}
	for _, x := range heard {
		if x.ticket == "" {
			continue
		}
		k := v.Ticket(x.ticket)
		switch {
		case k == nil:
			t.Errorf("%s of %s was acknowledged as %s and is not there", x.do, x.person, x.ticket)
		case k.Person != x.person:
			t.Errorf("ticket %s belongs to %s, %s was told it is theirs", x.ticket, k.Person, x.person)
		case x.do == "withdraw" && k.Live():
			t.Errorf("ticket %s was withdrawn and lives", x.ticket)
		}
		if x.do != "withdraw" && seen[x.ticket] {
			t.Errorf("two commands were told the same ticket %s", x.ticket)
		}
		seen[x.ticket] = seen[x.ticket] || x.do != "withdraw"
	}
	entries := commandsOf(t, s, id)
	for _, x := range heard {
		if n := entries[x.id]; n == 0 {
			t.Errorf("%s with id %s was acknowledged and is not in the journal", x.do, x.id)
		} else if n > 1 && x.ticket != "" {
			t.Errorf("%s with id %s is in the journal %d times", x.do, x.id, n)
		}
	}
}

// commandsOf counts the commands in an export: how many times each id caused something.
func commandsOf(t *testing.T, s *site.Site, id string) map[string]int {
	t.Helper()
	out := map[string]int{}
	r, w := io.Pipe()
	go func() { w.CloseWithError(s.Export(context.Background(), id, w)) }()
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	more := false
	for lines.Scan() {
		rest, ok := cutEntry(lines.Text())
		if !ok {
			continue
		}
		e, err := floor.ParseEntry([]byte(rest))
		if err != nil {
			t.Fatal(err)
		}
		if !more {
			out[e.Command]++
		}
		more = e.More
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func cutEntry(line string) (string, bool) {
	const sign = "entry "
	if len(line) < len(sign) || line[:len(sign)] != sign {
		return "", false
	}
	return line[len(sign):], true
}

// prepare makes a session in a folder, and closes it.
func prepare(t *testing.T, folder string) (id, chair string) {
	t.Helper()
	s, err := site.Open(context.Background(), site.Settings{Data: folder, Listen: "127.0.0.1:0"}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Serve(context.Background()); err != nil {
		t.Fatal(err)
	}
	id, links, err := s.Create(context.Background(), hall.Draft{
		Plan:   floor.Plan{Title: "A session under load", Segments: []floor.SegmentPlan{{Kind: "discussion", Minutes: 90, Protected: true}}},
		People: []hall.Invitee{{Name: "Chair", Roles: floor.Chair | floor.Desk | floor.Organiser}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return id, links[0].Path
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
