// Package door is where a person joins: by the code in the room or by the online link, without an account (seed S7).
//
// The link sets the side. The form asks how one wants to be called and how one may be named, each choice beside the
// sentence it makes somebody say (seed S21); to whom the result goes is said before the first contribution. Whoever
// gives nothing is taken as they are. Joining makes a pass that lives in this browser; the page it leads to is the
// person's place in line.
package door
