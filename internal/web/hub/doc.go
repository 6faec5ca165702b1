// Package hub is the page of a remote hub: people who sit together far from the venue, on one link and perhaps one
// device. It enters them by name, asks for the floor and writes cards for them, and tells each of them, through whoever
// holds the device, where they stand.
//
// A hub is a login, not a speaker: every person in it has a place of their own, a consent of their own and a story of
// their own. The hub acts for its own people and for nobody else's; the rule sees to that.
//
//	Always true:
//
//	U1   Everybody here has a number, in the order in which they were entered, and keeps it. The live region, which all
//	     hubs share, names people by it, and by name only where they agreed to be shown by name.
//	U2   Nobody is entered without an answer to how they may be named.
//	U3   Everything works with forms alone; then the page renews itself once a minute.
package hub
