package outcome

import (
	"time"

	"openmic/floor"
	"openmic/record"
)

// A Source is a session and what its Texts and times stand for.
type Source struct {
	*floor.State
	Words func(floor.Text) string // the words of a Text, empty when there are none or they were erased
	Wall  func(at int64) time.Time
	Now   time.Time // when the report is made: what nobody answered in time has ended then
}

// Version says which report is meant.
type Version int

// The report as it stands now is a draft until version 1 is frozen; then it is version 2, which grows by the cards
// and answers of the days after the session.
const (
	Newest Version = iota
	First          // as it was frozen; the same as Newest before
)

// A Report is a session as it can be told to everybody.
type Report struct {
	Session   string
	Version   int       // 1 or 2
	Draft     bool      // not frozen yet
	Frozen    time.Time // of version 1; zero for a draft
	LateUntil time.Time // when version 2 takes no more cards; zero while the session goes on

	Title     string
	Facts     map[string]string
	Began     time.Time // zero when the session has not begun
	Ended     time.Time // zero while it goes on
	Late      int64     // how much later than planned it began, ms
	Crew      []Seat
	Speakers  []Seat
	Rule      floor.Rule
	Questions []string
	Materials []Material // those of the plan

	People  int
	Total   Count
	Sides   [2]Count
	Groups  []Group
	After   Count // cards written after the session; no table counts them
	First   Few
	Youth   Few
	Numbers record.Numbers // as verify prints them of the record
	Parts   []Part
	Panel   int64 // how much longer than planned everything before the protected parts took, ms
	Topics  []Topic
	Gifts   map[string][]Said // practices, offers, needs and materials, by kind
	Agreed  []Note
	Against []Note // what was not agreed
	Points  []Note // takeaways
	Actions []Note // calls to action

	Overrides   []Overrule
	Corrections []Mend
	Doubtful    int
	Breaks      []Break
	Apart       []Break // when two sites did not hear each other; a length of 0 while it lasts
	Forgiven    []Moment
	TakeOvers   int
}

// A Seat is somebody with a role in the session.
type Seat struct {
	Roles floor.Roles
	Who   Who
}

// A Material is something to take home.
type Material struct {
	Title string
	Rest  []string // link, licence, language
}

// A Part is one segment: what was planned and what became of it, ms.
type Part struct {
	Kind, Title             string
	Protected               bool
	Over                    bool // it has ended
	Planned, Used           int64
	Audience, Replies, Idle int64 // what the time went into
}

// Short is how much of a protected part was not kept, ms.
func (p Part) Short() int64 {
	if !p.Protected || !p.Over {
		return 0
	}
	return max(0, p.Planned-p.Used)
}

// A Moment is when something was said.
type Moment struct {
	Clock time.Time
	Since int64 // ms since the session began
}

// An Overrule is a decision of the chair beside the rule.
type Overrule struct {
	Moment
	record.Override
}

// A Mend is a turn that was corrected or entered afterwards.
type Mend struct {
	Moment
	Turn  floor.ID
	Added bool
}

// A Break is when the program was down, or two sites did not hear each other.
type Break struct {
	Moment
	Length int64 // ms, as far as it counted
}

// A Note is the rapporteur's.
type Note struct {
	Moment
	ID       floor.ID
	Turn     floor.ID // where it was said; empty when no turn had begun
	Question int
	Text     string
	Owner    string
	Due      string
	After    bool // written once the session was over: its moment is none of the session
	Cut      bool // written while two sites did not hear each other
}

// Build makes the report. It only reads.
func Build(src Source, v Version) *Report {
	now := src.State
	if v == First && now.First != nil {
		src.State = now.First
	}
	b := &builder{Source: src, now: now}
	r := &Report{Session: src.Session, Version: 1, Draft: now.Frozen == 0, Rule: src.Rule, Title: src.Words(src.Title), Facts: b.facts()}
	if v == Newest && now.First != nil {
		r.Version = 2
	}
	if now.Frozen > 0 {
		r.Frozen = time.UnixMilli(now.Frozen).In(src.Wall(0).Location())
	}
	if src.Opened >= 0 {
		r.Began = src.Wall(src.Opened)
		if src.Start > 0 {
			r.Late = max(0, src.OpenWall-src.Start)
		}
	}
	if src.Adjourned >= 0 {
		r.Ended = src.Wall(src.Adjourned)
		r.LateUntil = r.Ended.Add(time.Duration(src.TakenUntil()-src.AdjournWall) * time.Millisecond)
	}
	for _, q := range src.Questions {
		r.Questions = append(r.Questions, src.Words(q))
	}
	b.seats(r)
	b.materials(r)
	b.count(r)
	r.Numbers = record.Count(src.State, b.end())
	b.parts(r)
	b.talk(r)
	b.notes(r)
	b.exceptions(r)
	return r
}

// builder reads one State; consents are those of now, narrowed to what was consented to then.
type builder struct {
	Source
	now *floor.State
}

// end is until when the session is counted, ms.
func (b *builder) end() int64 {
	if b.Adjourned >= 0 {
		return b.Adjourned
	}
	return b.At
}

func (b *builder) moment(at int64) Moment {
	return Moment{Clock: b.Wall(at), Since: max(0, at-max(0, b.Opened))}
}

func (b *builder) facts() map[string]string {
	out := map[string]string{}
	for _, t := range b.Facts {
		if key, ok := factKey(t); ok {
			out[key] = b.Words(t)
		}
	}
	return out
}

func (b *builder) notes(r *Report) {
	for i := range b.Notes {
		n := &b.Notes[i]
		text := b.Words(n.Text)
		if n.Struck || text == "" {
			continue
		}
		note := Note{b.moment(n.At), n.ID, n.Turn, n.Question, text, b.Words(n.Owner), b.Words(n.Due), b.Adjourned >= 0 && n.At >= b.Adjourned, n.Cut}
		switch n.Kind {
		case "agreed":
			r.Agreed = append(r.Agreed, note)
		case "not-agreed":
			r.Against = append(r.Against, note)
		case "takeaway":
			r.Points = append(r.Points, note)
		case "action":
			r.Actions = append(r.Actions, note)
		default:
			topic := &r.Topics[topicOf(r, n.Question)]
			topic.Notes = append(topic.Notes, note)
		}
	}
}

func (b *builder) exceptions(r *Report) {
	for _, o := range record.Overrides(b.State) {
		r.Overrides = append(r.Overrides, Overrule{b.moment(o.At), o})
	}
	for _, t := range b.inOrder() {
		if t.Corrected {
			r.Corrections = append(r.Corrections, Mend{b.moment(t.Start), t.ID, t.Added})
		}
		if t.Doubtful(b.end()) {
			r.Doubtful++
		}
	}
	for _, x := range b.Resumes {
		r.Breaks = append(r.Breaks, Break{b.moment(x.Mark), x.Down})
	}
	for _, line := range b.Ledger {
		if line.Forgiven {
			r.Forgiven = append(r.Forgiven, b.moment(line.At))
		}
	}
	r.TakeOvers = b.TakeOvers
	for _, c := range b.State.Apart() {
		r.Apart = append(r.Apart, Break{b.moment(c.From), max(0, c.To-c.From)})
	}
}
