// Package site builds one openmic from its settings: the data folder, the sessions in it, and the web in front. It is
// the only place where all parts meet, and where clocks, ids and chance come from.
//
// Goroutines: "http" serves each listener, ends with Close; "checkpointer" signs what a session writes, one an open
// session, ends with Close. Sessions and halls bring their own (see live and hall).
package site
