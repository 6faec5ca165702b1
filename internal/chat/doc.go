// Package chat reads what was said in the chat of a video tool: pasted from its window, or saved by it as a file.
//
// The online moderator pastes; lines come out, of which any may become a card (seed S19). What stands between the
// marks <question>…</question> and <comment>…</comment> is told apart, because its author asked for it to be read out.
//
//	for _, l := range chat.New(known, chat.Parse(text)) {
//		known[l.Key] = true
//	}
//
// Always true:
//
//	C1   Any text is answered with lines; nothing crashes, and the work grows evenly with the length of the text.
//	C2   Of a person only the name is taken, as the chat shows it, and never from a line that was not for everybody.
//	C3   The whole chat pasted again has the same keys, so only what is new is new.
//
// Formats come and go, so they are recognised by shape and not by brand: a time and a name in front of the words, a
// name above them, a time above or below. What has no shape is a line without a name. Where a saved chat names to whom
// a line went, a line to fewer than everybody is private, in doubt as well.
package chat
