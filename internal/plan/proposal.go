package plan

import (
	"encoding/json"
	"fmt"
)

// Text is a string that is null in JSON when it is empty.
type Text string

// MarshalJSON writes null for the empty text.
func (t Text) MarshalJSON() ([]byte, error) {
	if t == "" {
		return []byte("null"), nil
	}
	return json.Marshal(string(t))
}

// Count is a positive number that is null in JSON when it is not known.
type Count int

// MarshalJSON writes null for zero.
func (c Count) MarshalJSON() ([]byte, error) {
	if c == 0 {
		return []byte("null"), nil
	}
	return json.Marshal(int(c))
}

// Proposal is what a proposal says. Its JSON is documented in docs/plan.md and stays as it is: keys are added, never
// renamed. Lists are never null.
type Proposal struct {
	Series Text  `json:"series"` // "IGF" or "APrIGF"
	Year   Count `json:"year"`
	Kind   Text  `json:"kind"` // as the site spells it: "WS", "Open Forum", "Day 0 Event", "DC"
	Number Count `json:"number"`
	Title  Text  `json:"title"`

	Themes []string `json:"themes"`
	Start  Text     `json:"start"` // UTC, "2022-12-02T06:30Z"
	End    Text     `json:"end"`
	Room   Text     `json:"room"`

	Organizers         []Organizer `json:"organizers"`
	Speakers           []Speaker   `json:"speakers"`
	AdditionalSpeakers []string    `json:"additional_speakers"`
	ModeratorOnsite    []Speaker   `json:"moderator_onsite"`
	ModeratorOnline    []Speaker   `json:"moderator_online"`
	Rapporteur         []Speaker   `json:"rapporteur"`

	Format          Text     `json:"format"`
	Seating         Text     `json:"seating"`
	DurationMin     Count    `json:"duration_min"`
	TimePlan        []Part   `json:"time_plan"`
	PolicyQuestions []string `json:"policy_questions"`

	Place    Text     `json:"place"` // APrIGF: where the session is held, "onsite with online moderator"
	Lead     *Lead    `json:"lead"`  // APrIGF: the lead organiser
	Partners []string `json:"partners"`

	Gain        Text `json:"gain"`
	Description Text `json:"description"`
	Outcomes    Text `json:"outcomes"`
	Hybrid      Text `json:"hybrid"`

	Sources map[string]Source `json:"sources"` // field, as "title" or "speakers[2]", to where it was read
	Doubts  map[string]Doubt  `json:"doubts"`  // field, as "title" or "speakers[2].name", to why it is doubtful

	text string
}

// Text is the text as it was read: decoded, repaired, without markup. Sources point into it.
func (p *Proposal) Text() string { return p.text }

// Organizer is a person or an organisation that proposes the session. Sites that hide people give a stakeholder group
// and a region instead of a name.
type Organizer struct {
	Name        Text `json:"name"`
	Org         Text `json:"org"`
	OrgLocked   bool `json:"org_locked"` // the site shows a lock beside the organisation
	Stakeholder Text `json:"stakeholder"`
	Region      Text `json:"region"`
}

// Speaker is a person with the groups as the IGF spells them. Moderators and rapporteurs have the same shape.
type Speaker struct {
	Name        Text `json:"name"`
	Stakeholder Text `json:"stakeholder"`
	Region      Text `json:"region"`
	Org         Text `json:"org"`
}

// Part is one timed part of the session as the proposal plans it.
type Part struct {
	Part    string `json:"part"`
	Minutes int    `json:"minutes"`
	Derived bool   `json:"derived,omitempty"` // computed, not stated
}

// Lead is the contact person of an APrIGF form.
type Lead struct {
	Name        Text `json:"name"`
	Org         Text `json:"org"`
	Designation Text `json:"designation"`
	Economy     Text `json:"economy"`
	Stakeholder Text `json:"stakeholder"`
}

// Source says where a field was read. Line counts from 1; Offset and Length count bytes of Text. A field that came from
// the name of the file has line 0.
type Source struct {
	Line   int `json:"line"`
	Offset int `json:"offset"`
	Length int `json:"length"`
}

// Doubt says why a field may be wrong.
type Doubt struct {
	Code Code   `json:"code"` // stable; screens look up doubt.<code>
	Why  string `json:"why"`  // one English sentence
}

// element names one entry of a list as Sources and Doubts name it.
func element(list string, i int) string { return fmt.Sprintf("%s[%d]", list, i) }
