// Package live is one running session: one goroutine owns the floor, everyone else looks at a view.
//
// A command arrives with an id of its own. The owner decides the commands that wait against one copy of the floor,
// appends what they cause as one batch, waits for the disk, and only then answers and shows the new view. Looking
// never delays speaking: whoever is slow skips to the newest view.
//
// Always true: what was answered with "accepted" is on disk; the same command of the same person answers as it did
// the first time, also after a crash; a rule that fails refuses one command and leaves the session alive.
//
// Several programs of one site may run the same session over one store (World.Shared): the store takes the batch of
// whoever was first, and the others fold it in and decide again. Nobody is refused on a view that is behind.
//
// Goroutines: "ear" hears what other programs write, one a journal of a shared session, ends with Close; "owner" decides, one a session, ends with Close; "marker" keeps the durable mark of the session's clock
// while the session is open, ends with Close.
package live
