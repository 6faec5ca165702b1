// Package hall is where a visitor meets a session: who visits (pass, person, language), what may be shown of whom,
// and how the facts of the floor are said. Every screen stands in a hall.
//
// A Look is a session at one moment in one language, the same for everybody; live regions are rendered from it. A
// Visit adds who looks. Names leave this package only through Who, Crew and Names, so that a consent is asked in one
// place (seed S21).
//
// All commands of all screens arrive at one address, as a form or as JSON (docs/wire.md). A press carries its own id;
// the same id of the same person answers as the first time.
//
// Goroutine: "announcer" tells the streams of one hall about new views, one a hall, ends with Close.
package hall
