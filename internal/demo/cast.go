package demo

import (
	"openmic/floor"
	"openmic/internal/web/hall"
)

// workshop is the plan of the demo: a workshop in the shape of the seed (seed S2, S3, S4).
var workshop = floor.Plan{
	Title: "Islands on one Internet: what community networks teach each other",
	Facts: map[string]string{
		"theme":       "Avoiding Internet fragmentation",
		"description": "People who run exchange points, campus networks and training for island communities compare what works, and what it would need elsewhere.",
		"primer": "A network operators' group is a circle of the people who keep networks running. They meet without a mandate, share what broke, and train each other. " +
			"A research and education network connects universities and schools of a country and often carries the first links to its neighbours. " +
			"Both are ways in which a region stays part of one Internet although sea, politics and language divide it.",
		"gain":     "Participants take home two training modules and the names of three groups that offer to host or to train.",
		"outcomes": "A one-page summary for the ministry's round table, and introductions between those who offer and those who need.",
		"goesto":   "the organisers' public report; the ministry's round table sees only what people agree to hand on",
		"video":    "https://meet.example.org/islands",
	},
	Questions: []string{
		"How do community-run operation and training help to keep the Internet in one piece?",
		"What do universities, operators and governments each have to bring so that this works in another region?",
	},
	Materials: []string{
		"Running an exchange point with two people\nhttps://materials.example.org/ixp-for-two\nCC BY 4.0\nen, fr\nbeginner",
		"Routing security in one afternoon\nhttps://materials.example.org/routing-afternoon\nCC BY-SA 4.0\nen, ja\nintermediate",
	},
	Segments: []floor.SegmentPlan{
		{Kind: "welcome", Title: "Welcome", Minutes: 5},
		{Kind: "panel", Title: "Quick panel", Minutes: 35},
		{Kind: "discussion", Title: "Open discussion", Minutes: 40, Protected: true},
		{Kind: "closing", Title: "Takeaways", Minutes: 10},
	},
}

// crew are those who get a link of their own.
var crew = []hall.Invitee{
	{Name: "Crew (all in one)", Roles: floor.Organiser | floor.Chair | floor.Venue | floor.Desk | floor.Rapporteur},
	{Name: "Chair", Roles: floor.Chair},
	{Name: "On-site moderator", Roles: floor.Venue},
	{Name: "Online moderator", Roles: floor.Desk, Side: floor.Online},
	{Name: "Rapporteur", Roles: floor.Rapporteur, Side: floor.Online},
	{Name: "Leilani Moana", Group: "technical", Region: "asia-pacific", Roles: floor.Speaker},
	{Name: "Tomas Ferreira", Group: "civil", Region: "grulac", Roles: floor.Speaker, Side: floor.Online},
	{Name: "Wall (projector)", Roles: floor.Projector},
	{Name: "Library (hub)", Roles: floor.Hub, Side: floor.Online},
}

// somebody is one of the audience, with what they have to say.
type somebody struct {
	name, group, region, preset string
	side                        floor.Side
	about, kind, card           string
	question                    int
	first                       bool
}

var audience = []somebody{
	{"Anahera Pou", "civil", "asia-pacific", "group", floor.Room, "who pays when the volunteers move on", "question", "", 1, false},
	{"Kofi Danquah", "technical", "african", "group", floor.Online, "sharing one trainer between three islands", "practice", "", 1, false},
	{"Mirela Stan", "government", "eastern-european", "name", floor.Room, "what a ministry may fund without taking over", "question", "", 2, false},
	{"Yuna Takeda", "technical", "asia-pacific", "group", floor.Online, "", "question", "Our university network could mirror the training labs. What bandwidth do the islands have in the evening?", 2, true},
	{"Samuel Vaka", "technical", "asia-pacific", "group", floor.Room, "spare routers need spare hands", "comment", "", 1, false},
	{"Noor Rahmani", "civil", "asia-pacific", "none", floor.Online, "", "comment", "In our country mentioning the exchange point in public can cause trouble. Please do not name the place.", 1, false},
	{"Inês Cardoso", "private", "weog", "group", floor.Online, "we offer to host a route collector", "offer", "", 2, false},
	{"Peni Tawake", "civil", "asia-pacific", "group", floor.Room, "women in the operators' group", "question", "", 1, true},
	{"Luc Bernier", "intergovernmental", "intergovernmental", "name", floor.Online, "reporting this to the regional body", "question", "", 2, false},
	{"Hana Kealoha", "technical", "asia-pacific", "group", floor.Room, "a lab in a suitcase", "material", "", 1, false},
	{"Diego Prado", "civil", "grulac", "group", floor.Online, "we need two people for a week", "need", "", 2, true},
	{"Amara Obi", "private", "african", "group", floor.Online, "", "question", "Does the exchange point make transit cheaper for the schools, or only for the big networks?", 1, false},
}

// later are thoughts that come up while the session goes on.
var later = []string{
	"how to measure that it helps", "language of the training material", "what happens after a cable cut", "who keeps the keys",
	"mentors for first-time speakers", "an agreement between two universities", "spectrum for the last hop", "the role of the regional registry",
}

// minutes are what the scripted rapporteur writes, one after each turn from the line.
var minutes = []map[string]any{
	{"kind": "agreed", "text": "Small groups can run an exchange point when two people share the duty and a third is in training.", "question": 1},
	{"kind": "takeaway", "text": "One trainer for three islands works when the labs travel in a suitcase.", "question": 1},
	{"kind": "not-agreed", "text": "Whether a ministry should own the equipment it pays for.", "question": 2},
	{"kind": "action", "text": "Match those who offer hands for a week with the islands that asked.", "owner": "the organisers", "question": 2},
}
