package floor

// A Reason is a kind and its numbers; the catalogue speaks it (reason.<kind>).
type Reason struct {
	Kind string `json:"kind"`
	Side Side   `json:"side"`
	N    int64  `json:"n,omitempty"`    // people, turns or a place
	M    int64  `json:"m,omitempty"`    // people of the other side
	Ms   int64  `json:"ms,omitempty"`   // a time, ms
	W    int    `json:"w,omitempty"`    // the weight, when it is not 1
	Then string `json:"then,omitempty"` // inside the side: bypassed, new, heard; empty is the first in place order
}

// Kinds of the reason for a call.
const (
	WhyOnly    = "only"    // only one side can be called
	WhyBalance = "balance" // the other side's debt is larger than the allowed lead
	WhyOpening = "opening" // the first call of the session is online
	WhyMany    = "many"    // two for one
	WhyTurns   = "turns"   // sides take turns
)

// Kinds of the sentence for a place in line.
const (
	PlaceNext     = "next"
	PlaceNth      = "place"
	PlaceCalled   = "called"
	PlaceSpeaking = "speaking"
	PlacePassed   = "passed"   // somebody who has not spoken yet was placed before
	PlaceApproval = "approval" // the desk looks at the card first
	PlaceAdmit    = "admit"
	PlaceHeld     = "held"
	PlaceParked   = "parked"
	PlaceMissed   = "missed"
	PlaceDeferred = "deferred"
	PlaceAway     = "away"
	PlaceOwn      = "own" // waits behind another ask of the same person
	PlaceHidden   = "hidden"
	PlaceCut      = "cut" // the gavel's site cannot reach this side; Ms is since when
)
