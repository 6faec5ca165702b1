package sqlite

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"sync"
	"testing"

	"openmic/internal/journal"
	"openmic/internal/journal/journaltest"
)

const childFolder = "OPENMIC_JOURNAL_KILL_TEST"

func TestMain(m *testing.M) {
	if folder := os.Getenv(childFolder); folder != "" {
		appendForEver(folder)
	}
	os.Exit(m.Run())
}

func child(n int) journal.Name { return journal.Name(fmt.Sprintf("s1/child-%d", n)) }

// appendForEver appends to four journals at once and says each n once it is acknowledged.
func appendForEver(folder string) {
	ctx := context.Background()
	s, err := Open(folder)
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	var say sync.Mutex
	var all sync.WaitGroup
	for who := range 4 {
		all.Go(func() {
			name := child(who)
			err := s.Create(ctx, journal.Info{Name: name})
			n, _, headErr := s.Head(ctx, name)
			for err == nil && headErr == nil {
				k := 1 + int(n)%3
				err = s.Append(ctx, name, n, journaltest.Batch(string(name), n, k))
				n += int64(k)
				if err == nil {
					say.Lock()
					fmt.Println(who, n)
					say.Unlock()
				}
			}
			fmt.Println("error", err, headErr)
			os.Exit(1)
		})
	}
	all.Wait()
}

// A process that is killed at any moment loses nothing it acknowledged, and leaves no half
// batch: the journals are what their deterministic writer would have written.
func TestKill(t *testing.T) {
	folder := t.TempDir()
	chance := rand.New(rand.NewPCG(3, 9))
	acknowledged := map[int]int64{}
	for round := range 25 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), childFolder+"="+folder)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		killAt, seen := 1+chance.IntN(300), 0
		for lines.Scan() { // goes on to what was said before it died
			var who int
			var n int64
			if _, err := fmt.Sscan(lines.Text(), &who, &n); err != nil {
				if seen < killAt {
					t.Errorf("round %d: the child says %q", round, lines.Text())
				}
				continue // a line cut in two by the kill
			}
			acknowledged[who] = max(acknowledged[who], n)
			if seen++; seen == killAt {
				cmd.Process.Kill()
			}
		}
		cmd.Wait() // it was killed
		if seen < killAt {
			t.Fatalf("round %d: the child ended by itself", round)
		}
		s, err := Open(folder)
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		for who, n := range acknowledged {
			check(t, s, child(who), n)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("killed 25 times; acknowledged and found: %v", acknowledged)
}

func check(t *testing.T, s *Store, name journal.Name, acknowledged int64) {
	t.Helper()
	entries, addenda, err := s.Read(t.Context(), name, 1, 1_000_000)
	if err != nil {
		t.Fatal(err)
	}
	if int64(len(entries)) < acknowledged {
		t.Fatalf("%s: acknowledged n=%d, found n=%d", name, acknowledged, len(entries))
	}
	if len(addenda) != len(entries) {
		t.Fatalf("%s: %d entries, %d addenda", name, len(entries), len(addenda))
	}
	if len(entries) == 0 {
		return
	}
	want := journaltest.Batch(string(name), 0, len(entries))
	ends := int64(0)
	for ends < int64(len(entries)) {
		ends += 1 + ends%3
	}
	if ends != int64(len(entries)) {
		t.Fatalf("%s ends at n=%d inside a batch", name, len(entries))
	}
	for i, e := range entries {
		if e.Hash != want.Entries[i].Hash || addenda[i].Text != want.Addenda[i].Text {
			t.Fatalf("%s: n=%d is not what was written", name, e.N)
		}
	}
}
