// Package sheet is the form on which an organiser writes down a session: what it is about, its questions, its parts with
// their minutes, and its people with their roles. The start page shows it with a proposal read in; the plan screen shows
// it with the plan as it stands.
//
// What somebody typed is always url.Values: a proposal, a session and a form that comes back are made alike, so that
// one function shows them ([Of]) and one reads them ([Read]).
//
// Always true:
//
//   - A value that came out of a proposal says where it stood there; a doubtful one says why. Once somebody has changed
//     the value, both go.
//   - Read makes nothing; it complains about every field at once, by the field's name.
package sheet
