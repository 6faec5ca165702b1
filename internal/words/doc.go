// Package words holds every sentence a person reads, in every language openmic speaks.
//
// A language is one plain text file that a translator can edit: en.txt, ja.txt, ar.txt, fr.txt.
// The file's name is the language's tag. A screen asks for a sentence by its key and hands over what
// stands in the placeholders:
//
//	l := words.Match(r.Header.Get("Accept-Language"), chosen)
//	l.Say("reason.ahead", "place", 3, "n", 5, "d", 480_000)
//
// What a file looks like:
//
//	# line
//	// Shown on the phone of whoever waits. {name} is a person.
//	line.next = {name} is next.
//	line.waiting[one] = {n} person waits.
//	line.waiting[other] = {n} people wait.
//	line.long = A long sentence may go on \
//	  in the next line.
//
// A heading `# line` opens the sentences whose keys begin with "line."; `//` is a word to the
// translator. A sentence is plain text without markup. Its placeholders:
//
//	{name}        text as given (people's words are kept from turning the direction of the sentence), or a whole number
//	{n}           a whole number; a key with forms is chosen by it
//	{n:ordinal}   1st, 2nd, 3rd, as the key unit.ordinal has it
//	{d:clock}     milliseconds as 2:05 or 1:02:05, rounded down
//	{d:minutes}   milliseconds as whole minutes, rounded up: 8 min
//	{d:seconds}   milliseconds as whole seconds, rounded up: 48 s
//
// A moment of the day is given as text ("t", "14:20"), since only the screen knows the reader's time zone.
// Digits are western in every language. The blank before French : ; ? ! and inside « » is typed plainly and does not break.
//
// Forms are the plural categories of CLDR: zero, one, two, few, many, other. A key has either one
// wording or all forms its language tells apart (Japanese has only other; Arabic has all six). Only
// {n} chooses; word the sentence so that other numbers need no form.
//
// To add the sentences of a screen, append a section named like the screen to all four files, English
// first, and run go test ./internal/words. It names what is missing, spelt differently, said nowhere,
// or said in the sources without being in the files. Text sent to people who did not choose a language
// is English, the first of Languages. docs/translate.md tells the same to translators.
//
// Always true, checked by the tests: every language has every key and every form it needs, with the
// same placeholders. The package knows nobody else in openmic.
package words
