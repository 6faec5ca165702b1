package cut

import (
	"flag"
	"fmt"
	"os"
	"testing"
)

var (
	seeds   = flag.Int("seeds", 300, "how many seeds to play; of more a line on stderr tells how far it is")
	first   = flag.Bool("first", false, "play one seed after the other until one shows something wrong")
	oneSeed = flag.Uint64("seed", 0, "play only this seed, and tell it")
)

func TestTwoSites(t *testing.T) {
	if *oneSeed != 0 {
		if r, _ := Story(t.Output(), *oneSeed, ""); len(r.Wrong) > 0 {
			t.Fail()
		}
		return
	}
	n := *seeds
	if testing.Short() {
		n = min(n, 40)
	}
	if *first {
		for seed := uint64(1); seed <= uint64(*seeds); seed++ {
			if r := Play(seed, "", nil); len(r.Wrong) > 0 {
				t.Fatalf("seed %d: %s", seed, r.Wrong[0])
			}
		}
		return
	}
	tell := func(done, all int) {
		if all > 300 && done%250 == 0 {
			fmt.Fprintf(os.Stderr, "%d of %d seeds\n", done, all)
		}
	}
	all, err := Run(t.Context(), 1, n, 0, tell)
	if err != nil {
		t.Fatal(err)
	}
	heals, crashes, wrong, entries, broke := 0, 0, 0, 0, Broke{}
	for _, r := range all {
		heals, crashes, entries = heals+r.Heals, crashes+r.Crashes, entries+r.Entries
		broke.Add(r.Broke)
		if len(r.Wrong) > 0 {
			wrong++
			t.Errorf("seed %d: %s", r.Seed, r.Wrong[0])
		}
	}
	t.Logf("%d seeds, %d entries, %d heals, %d crashes, %d seeds with something wrong", len(all), entries, heals, crashes, wrong)
	t.Logf("broken on the way: %s", broke)
	for _, what := range []string{"cut both ways", "cut one way", "message late", "message lost", "message twice", "message before an earlier one", "disk full", "sync failed",
		"write refused after a failed sync", "death in a write", "unsynced tail torn off", "wall clock set wrong"} {
		if broke[what] == 0 && n >= 40 {
			t.Errorf("in %d seeds there was no %s", n, what)
		}
	}
}

// TestFaults plants mistakes in the disk, the link, the clocks and the phones: some seed must show each.
func TestFaults(t *testing.T) {
	for _, f := range Faults {
		t.Run(f, func(t *testing.T) {
			t.Parallel()
			r, caught := Catch(t.Context(), f, *seeds)
			if !caught {
				t.Fatalf("no seed of %d shows it", *seeds)
			}
			t.Logf("caught by seed %d: %.200s", r.Seed, r.Wrong[0])
		})
	}
}
