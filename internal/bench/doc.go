// Package bench prints what the program costs: how soon a change is on every screen, how many bytes a reader pays, how
// many commands a second are durable, how fast it starts.
//
// It runs the real program on loopback with real files. A figure is printed beside its budget; nothing passes or fails
// by it, because machines differ. Times are in ms; p50 and p95 are over the rounds named.
package bench
