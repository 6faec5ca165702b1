package outcome

import (
	"fmt"
	"testing"

	"openmic/floor"
)

// example is the session of the example report: fictional people, ninety minutes, two policy questions. The panel
// runs over, a card is read, one is merged, one is answered in writing afterwards, somebody withdraws, two are not
// reached.
func example(t *testing.T) *story {
	s := tell(t)
	s.organiser(&floor.Plan{
		Title: "Networks that communities run",
		Facts: map[string]string{"theme": "Access and inclusion"},
		Questions: []string{"What keeps a community network running after its first year?",
			"What should governments and registries change for small networks?"},
		Materials: []string{"Handbook for a village network\nhttps://handbook.example\nCC BY 4.0\nen"},
		Segments:  []floor.SegmentPlan{{Kind: "panel", Minutes: 40}, {Kind: "discussion", Minutes: 40, Protected: true}, {Kind: "closing", Minutes: 10}},
		Start:     start.UnixMilli(),
	})
	name := func(v string) *string { return &v }
	s.as("pchair", floor.Chair|floor.Venue, &floor.Join{Side: floor.Room, Description: floor.Description{Name: name("Tala Moana"), Preset: "name"}})
	s.as("pnotes", floor.Rapporteur, &floor.Join{Side: floor.Online, Description: floor.Description{Name: name("Ines Duarte"), Preset: "name"}})
	s.as("pamara", floor.Speaker, &floor.Join{Side: floor.Room, Description: floor.Description{Name: name("Amara Diallo"), Group: name("technical"), Preset: "group"}})
	// Eleven who ask; three groups are small.
	both := floor.Name | floor.Group
	s.joins("psita", floor.Online, "Sita Rai", "civil", "group", both)
	s.joins("pleo", floor.Room, "Leo Brandt", "government", "name", floor.Name)
	s.joins("pmei", floor.Online, "Mei Tanaka", "technical", "group", 0)
	s.joins("pkofi", floor.Online, "Kofi Adu", "technical", "none", 0)
	s.joins("pnoor", floor.Room, "Noor Haddad", "technical", "name", floor.Name)
	s.joins("prui", floor.Online, "Rui Prata", "technical", "group", 0)
	s.joins("pada", floor.Online, "Ada Obi", "technical", "group", 0)
	s.joins("pvan", floor.Room, "Van Linh", "civil", "group", 0)
	yes := true
	s.as("pjo", floor.Participant, &floor.Join{Side: floor.Online, Description: floor.Description{Name: name("Jo *Bold* <b>"), Preset: "name", First: &yes, Youth: &yes}})

	s.to(4, 0)
	s.chair(&floor.Open{})
	s.to(5, 0)
	s.chair(&floor.Give{Kind: floor.Panel, Person: "pamara"})
	s.to(20, 0)
	mei := s.as("pmei", floor.Participant, &floor.Write{Text: "Our exchange point pays its power bill by teaching courses. The course is free to copy.",
		AskFields: floor.AskFields{Kind: "practice", Question: 1, Link: "https://course.example"}})
	kofi := s.as("pkofi", floor.Participant, &floor.Write{Text: "Who pays for power after the grant ends?", AskFields: floor.AskFields{Question: 1}})
	rui := s.as("prui", floor.Participant, &floor.Write{Text: "How do you pay the running costs?", AskFields: floor.AskFields{Question: 1}})
	s.chair(&floor.Approve{Ticket: mei})
	s.chair(&floor.Approve{Ticket: kofi})
	s.chair(&floor.Merge{Ticket: rui, Into: kofi})
	s.to(47, 0)
	panel := s.state.Current().ID
	s.chair(&floor.End{})
	s.notes(&floor.Confirm{Turn: panel, Text: "A village network lasts when the village owns the tower and the skills."})
	s.chair(&floor.Begin{}) // three minutes late: the panel has eaten them

	s.to(47, 10)
	s.as("psita", floor.Participant, &floor.Ask{AskFields: floor.AskFields{About: "we can train technicians in the hills", Kind: "offer", Question: 1}})
	s.as("pleo", floor.Participant, &floor.Ask{AskFields: floor.AskFields{About: "a light licence for small networks", Kind: "comment", Question: 2}})
	s.as("pnoor", floor.Participant, &floor.Ask{AskFields: floor.AskFields{About: "who answers when the fibre is cut", Question: 1}})
	s.as("pada", floor.Participant, &floor.Ask{AskFields: floor.AskFields{About: "fees of the registry", Question: 2}})
	s.as("pvan", floor.Participant, &floor.Ask{AskFields: floor.AskFields{About: "spectrum"}})
	jo := s.as("pjo", floor.Participant, &floor.Write{Text: "- Is *anyone* <b>hiring</b> apprentices? | yes", AskFields: floor.AskFields{Kind: "need", Question: 1}})
	s.chair(&floor.Approve{Ticket: jo})

	s.to(48, 0)
	s.chair(&floor.Call{})
	first := s.state.Current() // Mei's card, written before the discussion
	s.notes(&floor.Confirm{Turn: first.ID, Text: "An exchange point lives from courses that others may copy."})
	s.to(49, 30)
	s.chair(&floor.Give{Kind: floor.Reply, Person: "pamara"})
	s.to(50, 0)
	for range 5 { // whom the rule names; online voices unmute first
		s.chair(&floor.Call{})
		if c := s.state.Call(); c != nil {
			s.as(c.Person, floor.Participant, &floor.Start{})
		}
		s.at += 95_000_000_000
	}
	s.notes(&floor.Jot{Kind: "note", Text: "The room nodded at this."})
	s.chair(&floor.Override{Person: "pleo", Class: "balance", Note: "government was asked by name"})
	if c := s.state.Call(); c != nil {
		s.as(c.Person, floor.Participant, &floor.Start{})
	}
	s.to(62, 0)
	s.notes(&floor.Jot{Kind: "agreed", Question: 1, Text: "Running costs, not masts, decide whether a network lives."})
	s.notes(&floor.Jot{Kind: "not-agreed", Question: 2, Text: "Whether a light licence should be free of charge."})
	s.chair(&floor.End{})
	if k := s.state.Live("pvan"); k != nil && k.Status == floor.Waiting {
		s.as("pvan", floor.Participant, &floor.Withdraw{Ticket: k.ID})
	}
	s.to(64, 0)
	s.chair(&floor.Enter{Side: floor.Room, Mark: "blue shirt", Mic: 1, AskFields: floor.AskFields{About: "schools"}})
	s.to(84, 0)
	s.chair(&floor.Begin{})
	s.to(88, 0)
	s.notes(&floor.Jot{Kind: "takeaway", Text: "Networks last when the people who use them own the skills."})
	s.notes(&floor.Jot{Kind: "action", Question: 2, Text: "Offer a light licence to networks of fewer than 500 homes.", Owner: "regulators", Due: "2031-12-31"})
	s.to(90, 0)
	s.chair(&floor.Adjourn{})
	return s
}

// afterwards is what happens in the days after it: version 1 is frozen, then an answer and a card come, and Sita
// changes her mind about officials.
func (s *story) afterwards() {
	s.to(120, 0)
	s.notes(&floor.Freeze{})
	s.to(24*60, 0)
	for i := range s.state.Tickets {
		if t := &s.state.Tickets[i]; t.Person == "pjo" {
			s.as("pamara", floor.Speaker, &floor.Answer{Ticket: t.ID, Text: "Two of us are; the handbook lists them."})
		}
	}
	late := s.as("pkofi", floor.Participant, &floor.Write{Text: "One more: solar panels were stolen twice.", AskFields: floor.AskFields{Question: 1}})
	s.chair(&floor.Approve{Ticket: late})
	note := s.state.Notes[len(s.state.Notes)-2]
	s.notes(&floor.Jot{Note: note.ID, Text: "Networks last when their users own the skills and the tower."})
	s.as("psita", floor.Participant, &floor.Describe{Description: floor.Description{Preset: "name"}})
}

func TestTheExampleReport(t *testing.T) {
	s := example(t)
	golden(t, "example-draft.md", Build(s.source(), Newest).Say(english).Markdown())
	s.afterwards()
	golden(t, "example-1.md", Build(s.source(), First).Say(english).Markdown())
	golden(t, "example-2.md", Build(s.source(), Newest).Say(english).Markdown())
	golden(t, "example-officials.md", Build(s.source(), Newest).Officials(english).Markdown())
	boxes := ""
	for _, b := range Build(s.source(), Newest).Boxes(IGF(), english) {
		boxes += fmt.Sprintf("%s %d: %d of %d until %s\n%s\n\n", b.From, b.Number, b.Count, b.Limit(), b.Until.Format("2006-01-02 15:04"), b.Text)
	}
	golden(t, "example-form.txt", boxes)
}
