// Package floor holds the rules of one session.
//
// Whoever wants to speak asks and gets a ticket. The chair calls a ticket; the call becomes a turn. Room and
// online are two sides of one line, and neither may be favoured (seed S15). A command is decided against a State and
// gives events or a refusal; an event applied to a State always works, whatever the State is. The same journal
// therefore gives the same floor on any machine.
//
// Nothing here reads a clock, rolls a die, opens a file or starts a goroutine: the moment is part of the command.
// Every time is in whole milliseconds of session time, every division rounds down, so that two programs in two
// languages agree to the bit. No free text is in a State: a Text names where the words are kept.
//
// Always true, checked after every step of the tests:
//
//	I6   A person has at most one live ticket; the main floor has one turn at a time.
//	F1   |lead| stays within B + L.
//	F2   One side holds the line at most (R+1)·L of charge in a row while the other waits.
//	F4   Inside a side nobody is passed more than K times by the rule.
//	F7   A ticket keeps its place through reconnects, crashes and cuts.
//	F9   Next names someone whenever someone is callable.
package floor
