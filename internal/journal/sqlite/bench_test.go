package sqlite

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"openmic/internal/journal"
)

// entry is about as large as a real one.
func entry(n int64) journal.Batch {
	bytes := append(fmt.Appendf(nil, "%d ", n), bytes.Repeat([]byte("x"), 300)...)
	return journal.Batch{Entries: []journal.Entry{journal.NewEntry(n, bytes)}}
}

// One person asks: how long until it is on disk.
func BenchmarkAppendOne(b *testing.B) {
	s := reopen(b, b.TempDir())
	create(b, s, live)
	var took []time.Duration
	n := int64(0)
	for b.Loop() {
		start := time.Now()
		if err := s.Append(b.Context(), live, n, entry(n+1)); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
		n++
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
}

// A thousand sessions append at once.
func BenchmarkAppendThousand(b *testing.B) {
	s := reopen(b, b.TempDir())
	const people = 1000
	names := make([]journal.Name, people)
	for i := range names {
		names[i] = journal.Name(fmt.Sprintf("s%d/venue-a", i))
		create(b, s, names[i])
	}
	var fastest, all time.Duration
	n := int64(0)
	for b.Loop() {
		batch := entry(n + 1)
		var ready, done sync.WaitGroup
		gate := make(chan struct{})
		for _, name := range names {
			ready.Add(1)
			done.Go(func() {
				ready.Done()
				<-gate
				if err := s.Append(context.Background(), name, n, batch); err != nil {
					b.Error(err)
				}
			})
		}
		ready.Wait()
		start := time.Now()
		close(gate)
		done.Wait()
		took := time.Since(start)
		all += took
		if fastest == 0 || took < fastest {
			fastest = took
		}
		n++
	}
	mean := all / time.Duration(n)
	b.ReportMetric(float64(mean.Microseconds())/1000, "ms/1000")
	b.ReportMetric(float64(fastest.Microseconds())/1000, "best-ms/1000")
	b.ReportMetric(people/mean.Seconds(), "appends/s")
}

// A start with a million old entries in a thousand other journals, up to the live one's last
// entries in hand.
func BenchmarkOpenWithMillion(b *testing.B) {
	folder := b.TempDir()
	s := reopen(b, folder)
	create(b, s, live)
	var filling sync.WaitGroup
	for first := range 4 {
		filling.Go(func() {
			for i := first; i < 1000; i += 4 {
				name := journal.Name(fmt.Sprintf("old%d/venue-a", i))
				create(b, s, name)
				var batch journal.Batch
				for n := range int64(1000) {
					batch.Entries = append(batch.Entries, entry(n+1).Entries...)
				}
				if err := s.Append(context.Background(), name, 0, batch); err != nil {
					b.Error(err)
				}
			}
		})
	}
	filling.Wait()
	var batch journal.Batch
	for n := range int64(500) {
		batch.Entries = append(batch.Entries, entry(n+1).Entries...)
	}
	if err := s.Append(b.Context(), live, 0, batch); err != nil {
		b.Fatal(err)
	}
	s.Close()
	var open, read time.Duration
	rounds := 0
	for b.Loop() {
		start := time.Now()
		s, err := Open(folder)
		if err != nil {
			b.Fatal(err)
		}
		opened := time.Now()
		n, _, err := s.Head(b.Context(), live)
		if err != nil || n != 500 {
			b.Fatal(n, err)
		}
		if entries, _, err := s.Read(b.Context(), live, 1, 500); err != nil || len(entries) != 500 {
			b.Fatal(len(entries), err)
		}
		read += time.Since(opened)
		open += opened.Sub(start)
		rounds++
		s.Close()
	}
	b.ReportMetric(float64(open.Microseconds())/1000/float64(rounds), "open-ms")
	b.ReportMetric(float64(read.Microseconds())/1000/float64(rounds), "head+read500-ms")
}

// Erasing one person's words in a session that goes on.
func BenchmarkErase(b *testing.B) {
	s := reopen(b, b.TempDir())
	create(b, s, live)
	for n := range int64(500) {
		batch := entry(n + 1)
		batch.Addenda = []journal.Addendum{{N: n + 1, Field: "text", Nonce: []byte("0123456789abcdef"), Text: "words"}}
		if err := s.Append(b.Context(), live, n, batch); err != nil {
			b.Fatal(err)
		}
	}
	n := int64(0)
	for b.Loop() {
		if err := s.Erase(b.Context(), live, []journal.Where{{N: n%500 + 1, Field: "text"}}); err != nil {
			b.Fatal(err)
		}
		n++
	}
}
