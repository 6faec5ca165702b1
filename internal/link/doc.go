// Package link is the way between the two sites of one session: a hub on the Internet and a venue on its own network.
//
// Only the venue dials. It keeps one stream open, on which the hub sends what is new, and posts what it wrote itself.
// Both send a beat each second; whoever has heard nothing for three seconds notes the cut in their own journal and goes
// on alone. After every break a fresh connection asks with the heights that are here, so nothing is sent twice for long
// and nothing is left out; when both have everything, both note the heal.
//
// Always true: what travels is whole commands in the order of their stamps, so that nothing arrives before what its
// writer had seen; a venue can push only its own site's journals; the stream is opened, and every push made, with the
// venue's key, so that its token alone reads nothing; the hub proves its key before anything is believed.
//
// A hub may be several programs that share a store. What it knows of a venue's connection (standing) is then known to all
// of them, so that each takes any push, and none notes a cut of a venue that another one hears. What their screens wish of
// the venue, and its answers, go as letters to whoever holds the stream and to whoever asked.
//
// Goroutines: "dialer" holds the stream, "pusher" posts, both one a linked session, end with VenueLink.Close; "watchman"
// notes cuts and "keeper" takes checkpoints, each one a linked session at either site, end with Hub.Close or
// VenueLink.Close; "reader" looks which checkpoints are kept, one a connection now and then, ends by itself. No beat waits
// for the last two.
package link
