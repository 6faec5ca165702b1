// Package demo is a fictional workshop with scripted people, so that every screen lives within ten seconds.
//
// The people are made up. They act over HTTP like anybody else: they join at the door, ask, write cards, withdraw.
// The scripted chair steps back for a minute whenever a person presses something on a crew screen.
//
// Goroutines: "player", one, plays the script and ends with its context.
package demo
