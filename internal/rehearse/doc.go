// Package rehearse runs real meetings again through the running program.
//
// A queue log says who raised a hand, who was called, who gave up, and when. Each log becomes a session served over
// HTTP; everybody in it is a guest with a pass of their own, and a chair presses Next where the log calls somebody.
// Time is compressed: the session's clock runs faster than the wall's, so that waits come out in the log's seconds.
// Whom the rule names may differ from whom the log called; the table puts both waits side by side.
//
// Checked for each meeting: every ask that was accepted is in the session's state with the place it was given, and
// every ask has ended with a disposition.
package rehearse
