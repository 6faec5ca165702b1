// Package plan turns a proposal, as it stands on the organiser's site, into the plan of a session.
//
// A proposal is text that people pasted or saved: pages of the IGF site and forms of the APrIGF site, 2018 to 2025,
// with headings lost, locks shown as Greek letters, people known only by where their line stands. Import reads it and
// says for every field where in the text it came from and, when it is not sure, why. The organiser corrects the
// doubtful ones on one page; from then on it is a plan with segments and people (seed S1, S2, S4).
//
// Always true:
//
//   - Import answers every input, in time linear in its length, with a proposal or with one sentence; it never panics.
//   - Nothing is invented: a value stands in the text, in the name of the file, or is computed from such values; the
//     last two kinds always carry a doubt.
//   - Whatever is inferred from position carries a doubt. A field that was not found carries the doubt "not_found".
//   - No e-mail address leaves the package.
//
// Nothing here asks the time, opens a file (Score does, for the truth files) or starts a goroutine. The sentences of the
// doubts are English; screens translate them by their code.
package plan
