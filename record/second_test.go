package record

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"openmic/floor"
	"openmic/internal/web/page/browser"
)

// TestSecondVerifier gives every record of the corpus, and records in which one thing was altered at random, to the page
// verifier/verify.html in a real browser, opened from disk. It shares no code with this package; both must come to the
// same exit. go test ./record -run SecondVerifier -v prints how many.
func TestSecondVerifier(t *testing.T) {
	b := browser.Start(t)
	page, err := filepath.Abs("../verifier/verify.html")
	if err != nil {
		t.Fatal(err)
	}
	tab := b.Open(t, "file://"+page, browser.Laptop)
	sets := map[string]func(t *testing.T) []specimen{
		"the corpus":              func(t *testing.T) []specimen { return append(goodOnes(t), brokenOnes(t)...) },
		"altered and signed anew": alteredOnes,
		"two sites":               twoSites,
	}
	for name, of := range sets {
		t.Run(name, func(t *testing.T) {
			all := of(t)
			begin := time.Now()
			said := judgeInBrowser(t, tab, all)
			took := time.Since(begin)
			exits, differ := [3]int{}, 0
			for i, x := range all {
				v := Verify(x.bytes)
				exits[v.Exit]++
				if x.kind == "eventful" && v.Exit != 0 {
					t.Errorf("%s: exit %d (%s: %s)", x.name, v.Exit, v.Where, v.Fault)
				}
				if said[i].Exit != v.Exit {
					differ++
					t.Errorf("%s, %s: the page says exit %d (%s, %s: %s), record says %d (%s: %s)", x.kind, x.name, said[i].Exit, said[i].Check, said[i].Where, said[i].Fault, v.Exit, v.Where, v.Fault)
				} else if v.Exit == 0 && said[i].Numbers != numbersOf(v) {
					t.Errorf("%s, %s: the page counts %+v, record %+v", x.kind, x.name, said[i].Numbers, numbersOf(v))
				}
			}
			t.Logf("%d records in %s: both say 0 of %d, 1 of %d, 2 of %d; they differ on %d", len(all), took.Round(time.Millisecond), exits[0], exits[1], exits[2], differ)
		})
	}
}

// spoken is what the page says of a record.
type spoken struct {
	Exit                int
	Check, Where, Fault string
	Numbers             counted
}

// counted are numbers that both verifiers count.
type counted struct {
	Lead, MostLead, LongestRun, Excess, MostPassed, Calls, Corrections, Delayed, Erased, Withheld, Unverifiable int64
	Turns, Ms, Heard, MedianWait, Wait90                                                                        [2]int64
	SignedAt, Journals, Cuts, CutMs, Epochs, TakeOvers, Forgiven, SideTurns, Meanwhile, Repeats                 int64
	Unsigned                                                                                                    string
}

func numbersOf(v *Verdict) counted {
	pair := func(of func(s *SideNumbers) int64) [2]int64 { return [2]int64{of(&v.Room), of(&v.Online)} }
	return counted{v.Lead, v.MostLead, v.LongestRun, v.Excess, int64(v.MostPassed), int64(v.Calls), int64(v.Corrections), int64(v.Delayed), int64(v.Erased), int64(v.Withheld), int64(v.Unverifiable),
		pair(func(s *SideNumbers) int64 { return int64(s.Turns) }), pair(func(s *SideNumbers) int64 { return s.Ms }), pair(func(s *SideNumbers) int64 { return int64(s.Heard) }),
		pair(func(s *SideNumbers) int64 { return s.MedianWait }), pair(func(s *SideNumbers) int64 { return s.Wait90 }),
		v.SignedAt, int64(v.Journals), int64(v.Cuts), v.CutMs, v.Epochs, int64(v.TakeOvers), int64(v.Forgiven), int64(v.SideTurns), int64(v.Meanwhile), int64(v.Repeats),
		strings.Join(v.Unsigned, " ")}
}

// judgeInBrowser lets the page judge records that it reads from disk.
func judgeInBrowser(t *testing.T, tab *browser.Tab, all []specimen) []spoken {
	t.Helper()
	folder := t.TempDir()
	var files []string
	for i, x := range all {
		file := filepath.Join(folder, fmt.Sprintf("%05d.openmic", i))
		if err := os.WriteFile(file, x.bytes, 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	var said []spoken
	for some := range slices.Chunk(files, 60) {
		tab.Eval(t, `(() => {
			document.querySelector('#many')?.remove()
			document.body.append(Object.assign(document.createElement('input'), {id: 'many', type: 'file', multiple: true}))
		})()`, nil)
		tab.Choose(t, "#many", some...)
		var part []spoken
		tab.Eval(t, `(async () => {
			const out = []
			for (const file of document.querySelector('#many').files) {
				const v = await judge(new Uint8Array(await file.arrayBuffer()))
				const pair = name => v.exit === 1 ? [0, 0] : [v.room[name], v.online[name]]
				out.push({Exit: v.exit, Check: v.check, Where: v.where, Fault: v.fault, Numbers: {
					Lead: v.lead, MostLead: v.mostLead, LongestRun: v.longestRun, Excess: v.excess, MostPassed: v.mostPassed, Calls: v.calls,
					Corrections: v.corrections, Delayed: v.delayed, Erased: v.erased, Withheld: v.withheld, Unverifiable: v.unverifiable,
					Turns: pair('turns'), Ms: pair('ms'), Heard: pair('heard'), MedianWait: pair('medianWait'), Wait90: pair('wait90'),
					SignedAt: v.signedAt, Journals: v.journals?.length, Cuts: v.cuts, CutMs: v.cutMs, Epochs: v.epochs, TakeOvers: v.takeOvers, Forgiven: v.forgiven,
					SideTurns: v.sideTurns, Meanwhile: v.meanwhile, Repeats: v.repeats, Unsigned: v.unsigned?.join(' ')}})
			}
			return out
		})()`, &part)
		said = append(said, part...)
	}
	if len(said) != len(all) {
		t.Fatalf("the page judged %d of %d records", len(said), len(all))
	}
	return said
}

// alteredOnes are eventful sessions, and journals of them in which whoever may sign altered one value, one letter or the
// end, and chained and signed everything anew, so that only the form, the fold, the rule and the words can notice it.
func alteredOnes(t *testing.T) (out []specimen) {
	n := 24
	if testing.Short() {
		n = 4
	}
	for seed := range uint64(n) {
		st := newStage(t, 300+seed)
		st.groups = seed%3 == 0
		eventful(st, 60+int(seed)*5)
		for _, kind := range []string{Public, Archive} {
			out = append(out, specimen{"eventful", fmt.Sprintf("%s, seed %d", kind, seed), 0, st.record(kind)})
		}
		for i := range uint64(24) {
			if b, name := altered(t, st, rand.New(rand.NewPCG(seed, i))); b != nil {
				out = append(out, specimen{"altered", fmt.Sprintf("seed %d, %d:%s", seed, i, name), 0, b})
			}
		}
		for i, a := range st.withheld() {
			b := assemble(t, st.key, st.verify, Public, st.rows, st.addenda, func(kept []floor.Addendum) []floor.Addendum { return append(kept, a) }, nil)
			out = append(out, specimen{"one text too many", fmt.Sprintf("seed %d, %d: %s of entry %d", seed, i, a.Field, a.N), 0, b})
		}
	}
	return out
}

// withheld are some of the words of asks, answers and notes that may not stand in a public record.
func (st *stage) withheld() (out []floor.Addendum) {
	shelf := newShelf(st.s, Public)
	for _, a := range st.addenda {
		e := st.entries[a.N-1]
		switch e.Event.(type) {
		case *floor.Asked, *floor.Edited, *floor.Swapped, *floor.Answered, *floor.Jotted, *floor.Confirmed, *floor.Described:
			if !shelf.holds(e, a.Field) && !shelf.gone(e) {
				out = append(out, a)
			}
		}
	}
	for i := len(out) - 1; i > 0; i-- { // any of them
		j := st.r.IntN(i + 1)
		out[i], out[j] = out[j], out[i]
	}
	return out[:min(15, len(out))]
}
