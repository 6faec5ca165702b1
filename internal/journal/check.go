package journal

import (
	"crypto/sha256"
	"fmt"
)

// What one batch may hold. Larger ones are ErrBad: one slow batch would make everybody wait.
const (
	MaxEntries = 10_000
	MaxBytes   = 8 << 20
)

// Check says whether the batch can follow entry n of any journal: dense, every hash right,
// every addendum at home. Stores call it first; the error wraps ErrBad.
func (b Batch) Check(n int64) error {
	switch {
	case n < 0:
		return fmt.Errorf("%w: no entry can follow n=%d", ErrBad, n)
	case len(b.Entries) == 0:
		return fmt.Errorf("%w: no entries", ErrBad)
	case len(b.Entries) > MaxEntries:
		return fmt.Errorf("%w: %d entries, at most %d", ErrBad, len(b.Entries), MaxEntries)
	case b.Size() > MaxBytes:
		return fmt.Errorf("%w: %d bytes, at most %d", ErrBad, b.Size(), MaxBytes)
	}
	for i, e := range b.Entries {
		if want := n + 1 + int64(i); e.N != want {
			return fmt.Errorf("%w: entry n=%d where n=%d belongs", ErrBad, e.N, want)
		}
		if len(e.Bytes) == 0 {
			return fmt.Errorf("%w: entry n=%d is empty", ErrBad, e.N)
		}
		if sha256.Sum256(e.Bytes) != e.Hash {
			return fmt.Errorf("%w: the hash of entry n=%d does not fit its bytes", ErrBad, e.N)
		}
	}
	seen := make(map[Where]bool, len(b.Addenda))
	for _, a := range b.Addenda {
		at := Where{a.N, a.Field}
		if a.N <= n || a.N > n+int64(len(b.Entries)) {
			return fmt.Errorf("%w: addendum %q belongs to n=%d, outside the batch", ErrBad, a.Field, a.N)
		}
		if seen[at] {
			return fmt.Errorf("%w: addendum %q of n=%d twice", ErrBad, a.Field, a.N)
		}
		seen[at] = true
	}
	return nil
}

// Size is about how many bytes the batch brings.
func (b Batch) Size() int {
	size := 0
	for _, e := range b.Entries {
		size += len(e.Bytes) + len(e.Hash)
	}
	for _, a := range b.Addenda {
		size += len(a.Field) + len(a.Nonce) + len(a.Text)
	}
	return size
}
