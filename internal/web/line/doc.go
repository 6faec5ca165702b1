// Package line is the page of a participant: who speaks, my place in line and why it is where it is, asking for the
// floor, writing a card, and what became of each of my cards.
//
// The live region is the same for everybody. It holds one hidden row for each ask that has not ended, with its sentence
// and the buttons of the moment; the script shows the rows of those that are mine. What is only mine, my own words
// first of all, stands outside the region and is fetched when one of my rows comes or goes.
//
//	Always true:
//
//	L1   No words of a card stand in the region before the card is read out.
//	L2   Everything works with forms alone; then the page renews itself once a minute.
//	L3   The first load is the page, one style, one script and the stream: no file of its own.
package line
