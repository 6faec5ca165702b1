// Package cut is a seeded world of two sites of one session: a hub and a venue, the link between them, their disks and
// clocks, and people and crew who press what they like on either side.
//
// One seed is one story on any machine: cuts both ways and one way, messages late, twice and out of order, crashes with
// a torn tail, full disks and disks that fail under a write, wall clocks that jump, a machine that is lost and another that
// goes on from an older backup. Each site runs package live as a
// real one does, over a disk that is played, and exchanges what package link packs. Nothing here reads a clock or starts
// a goroutine, but for Run, which plays many seeds at once.
//
// Always true, checked after every heal and at the end, when everything works again:
//
//	I0   Stamps extend causality; no entry has seen what was not there. The two clocks agree after contact.
//	I1   Both sites have the same state hash and the same words, and so has whoever reads the journals anew.
//	I2   Every entry that somebody was told of is there, at both sites, and answers as it did.
//	I3   Journals are dense and chained, commands whole and once; one press counts once.
//	I4   Same side, same birth site: journal order is line order. Who waited before the cut keeps the order.
//	I5   A call is at most one turn; every turn that was written is there once.
//	I6   Main turns never overlap; a person has at most one live ticket.
//	I8   Hidden until an unhide that saw it; nobody reads out words, or against a doubt, that the approval had not seen.
//	I9   The lead is what a second way to add it up gives; it comes back within bounds.
//	I10  No word of an erased person is on any disk, unless it was said knowing the erasure.
//	I11  Every call is what the rule gives for the view it names, or an override with a class.
//
// That each check can fail is shown by planted mistakes: Faults in the parts played here, and, in the tests, mistakes
// written into floor, live and link. Left to others: real processes and sockets (internal/link, internal/site), and
// sessions on three sites.
package cut
