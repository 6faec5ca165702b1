// Package outcome makes what leaves a session: the report, the fields of the organiser's form, and one page for
// officials (seed S12). They come from the record alone, so whoever has the record writes the same report.
//
// A Report holds facts and the words people consented to, in no language; it becomes a Document in a reader's
// language, and a Document becomes Markdown here and HTML on the report's screen. Names leave this package only as
// their owners agreed for the report or for officials (seed S21), and are asked for when a report is written, so a
// narrower consent or an erasure reaches every later copy, version 1 included.
//
// Always true:
//
//	Every ask is counted under exactly one disposition, or as still waiting.
//	No row of a table by stakeholder group stands for fewer than five people, unless all of them are in one row.
//	Words of somebody who did not agree to hand them to officials are not on the page for officials.
//	Version 1 is what the journal held when it was frozen; what came later stands in version 2.
//
// What we may regret: a report quotes one line a turn, as the rapporteur confirmed it. Whoever wants every word has
// to look at a transcript.
package outcome
