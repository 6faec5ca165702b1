package hall

import "openmic/floor"

// Then is who follows whoever has the floor or was called to it, and the sentence why; ok is false when nobody would.
// While somebody is called, [Look.Next] is who comes when they do not answer.
func (l *Look) Then() (c floor.Choice, why string, ok bool) {
	c, ok = l.State.Then(l.At, l.Heard())
	if !ok {
		return c, l.Lang.Say("reason.nobody"), false
	}
	if c.Why.Kind == floor.WhyBalance && l.Call() != nil { // by as much as the call will leave, which nobody knows yet
		return c, l.Lang.Say("reason.owed-" + c.Why.Side.String()), true
	}
	return c, l.Why(c.Why, l.Ticket(c.Ticket).Person, "", l.At), true
}

// CalledFirst says why the chair called whoever has the floor before others; it is empty when the rule named them.
func (l *Look) CalledFirst() string {
	r := floor.Reason{Kind: "override"}
	if t := l.Current(); t != nil {
		if t.Override != "" && t.Kind != floor.Unplanned {
			return l.Why(r, t.Person, t.Override, t.Start)
		}
	} else if c := l.Call(); c != nil && c.Override != "" {
		return l.Why(r, c.Person, c.Override, c.At)
	}
	return ""
}
