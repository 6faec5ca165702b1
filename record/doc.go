// Package record reads, writes and judges the sealed record of a session: one zip of text files with the entries of
// each journal, the words that may be told, and checkpoints that the site signed while the session ran (seed S15).
// Whoever has the file can check offline that no entry was changed, left out or slipped in after it was signed, and
// that every call was the one the rule names, or an override with a reason class.
//
// docs/wire.md says every byte of it, so that others can check without this program. A record has one form only: what
// means the same in other bytes is refused.
//
// Always true, whatever the bytes are:
//
//	Verify answers; it does not panic, and keeps a few times the size of the file in memory.
//	Of one record it says the same on any machine, on any day: nothing here asks a clock.
//	A fault is one sentence that names its place.
//
// What a record cannot prove it says too: see Limits. Keys, files and the journal itself are left to others.
package record
