package plan

import (
	"strconv"

	"openmic/internal/web/hall"
	"openmic/internal/web/page"
)

// A dial is one setting, with what it does in a sentence.
type dial struct {
	page.Field
	Least, Top int64 // of a number
}

// settings are what the session chooses beside the rule.
func settings(l *hall.Look) []dial {
	s := l.Settings
	tick := func(name, label, help string, on bool) dial {
		return dial{Field: page.Field{Name: name, Label: l.Lang.Say(label), Hint: l.Lang.Say(help), Type: "checkbox", Value: "yes", Checked: on}}
	}
	return []dial{
		tick("approveCards", "setting.approve-cards", "setting.approve-cards.help", s.ApproveCards),
		tick("approvePeople", "setting.approve-people", "setting.approve-people.help", s.ApprovePeople),
		tick("wallAll", "setting.wall-all", "setting.wall-all.help", s.WallAll),
		tick("ties", "setting.ties", "setting.ties.help", s.Ties),
		tick("holdDecisions", "setting.hold-decisions", "setting.hold-decisions.help", s.HoldDecisions),
		number(l, "cardSeconds", "setting.card-seconds", "setting.card-seconds.help", s.CardSeconds, 10, 600),
		number(l, "openCards", "setting.open-cards", "setting.open-cards.help", int64(s.OpenCards), 1, 100),
		number(l, "linkPeople", "setting.link-people", "setting.link-people.help", int64(s.LinkPeople), 1, 5000),
		number(l, "linkAsks", "setting.link-asks", "setting.link-asks.help", int64(s.LinkAsks), 1, 5000),
		number(l, "hubPeople", "setting.hub-people", "setting.hub-people.help", int64(s.HubPeople), 1, 1000),
		number(l, "lateDays", "setting.late-days", "setting.late-days.help", s.LateDays, 0, 365),
	}
}

func number(l *hall.Look, name, label, help string, now, least, top int64) dial {
	return dial{Field: page.Field{Name: name, Label: l.Lang.Say(label), Hint: l.Lang.Say(help), Type: "number", Value: strconv.FormatInt(now, 10)}, Least: least, Top: top}
}

// rule are the dials of the rule itself. Times are offered as choices, since the command takes milliseconds.
func rule(l *hall.Look) []dial {
	r := l.State.Rule
	span := func(name, label, help string, now int64, seconds ...int64) dial {
		d := dial{Field: page.Field{Name: name, Label: l.Lang.Say(label), Hint: l.Lang.Say(help), Type: "select", Value: strconv.FormatInt(now, 10)}}
		there := false
		for _, s := range seconds {
			ms := s * 1000
			if now < ms && !there {
				d.Choices = append(d.Choices, page.Choice{Value: d.Value, Label: l.Lang.Say("plan.span", "d", now)})
				there = true
			}
			there = there || now == ms
			d.Choices = append(d.Choices, page.Choice{Value: strconv.FormatInt(ms, 10), Label: l.Lang.Say("plan.span", "d", ms)})
		}
		if !there {
			d.Choices = append(d.Choices, page.Choice{Value: d.Value, Label: l.Lang.Say("plan.span", "d", now)})
		}
		return d
	}
	return []dial{
		span("L", "setting.turn", "setting.turn.help", r.L, 30, 60, 90, 120, 150, 180, 240, 300, 600),
		span("reply", "setting.reply", "setting.reply.help", r.Reply, 30, 60, 90, 120, 180, 300),
		span("Q", "setting.least", "setting.least.help", r.Q, 0, 10, 20, 30, 45, 60),
		span("B", "setting.lead", "setting.lead.help", r.B, 0, 60, 120, 180, 240, 300, 600),
		number(l, "R", "setting.run", "setting.run.help", int64(r.R), 1, 10),
		number(l, "K", "setting.passes", "setting.passes.help", int64(r.K), 0, 100),
	}
}
