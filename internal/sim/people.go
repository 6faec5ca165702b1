package sim

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"

	"openmic/floor"
)

// A person of one session. Everything chance decides about their k-th ask is drawn in one go, so that it is the same
// under every rule.
type person struct {
	id    floor.ID
	side  floor.Side
	group *Group
	dice  *rand.Rand
	first int64 // when they first ask, ms
	heard int64 // floor time so far, ms
	turns int
	asked int
	quit  int // asks given up
}

// A wish is what a person wants at one ask.
type wish struct {
	card     bool
	length   int64 // ms
	approve  int64 // ms until the desk has looked at a card
	patience int64 // ms until the person gives up, -1 for never
	pause    int64 // ms from the end of the turn until the next ask, -1 for none
	handover int64 // ms from the end of the turn until the next call
	idle     int64 // ms until the call where nobody waits and nobody from the line speaks
}

// crowd draws everybody of one session.
func (m *Model) crowd(c *Case, seen *Measured, seed uint64) []*person {
	h := fnv.New64a()
	h.Write([]byte(c.Name))
	name := h.Sum64()
	dice := rand.New(rand.NewPCG(seed, name))
	var all []*person
	for i := range c.Groups {
		g := &c.Groups[i]
		n := g.People[0] + dice.IntN(g.People[1]-g.People[0]+1)
		for k := range n {
			p := &person{id: floor.ID(fmt.Sprintf("%s-%d", g.Name, k+1)), side: g.Side, group: g}
			p.dice = rand.New(rand.NewPCG(seed, name+uint64(len(all)+1)))
			all = append(all, p)
		}
	}
	if c.Measured {
		// The real queues had one side. Here each person who comes is in the room or online by the toss of a coin.
		dice.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		at := 0.0
		for _, p := range all {
			p.first = ms(at + m.delay(p))
			at += quantile(&seen.Gap, dice.Float64())
		}
		return all
	}
	for _, p := range all {
		g := p.group
		at := g.Until * p.dice.Float64()
		if p.dice.Float64() < g.Opening {
			at = 0
		}
		p.first = ms(at + p.dice.ExpFloat64()*g.Think + m.delay(p))
	}
	return all
}

// delay is how much later than the chair this person hears a word, s.
func (m *Model) delay(p *person) float64 {
	switch {
	case p.group.Delay != nil:
		return p.group.Delay.draw(p.dice)
	case p.side == floor.Online:
		return m.Online.draw(p.dice)
	}
	return m.Room.draw(p.dice)
}

// wish draws the person's next ask.
func (m *Model) wish(c *Case, seen *Measured, p *person) wish {
	g, d := p.group, p.dice
	w := wish{patience: -1, pause: -1}
	w.card = d.Float64() < g.Cards
	turn := m.Turn
	if g.Turn != nil {
		turn = *g.Turn
	}
	length := min(max(turn.Median*math.Exp(turn.Spread*d.NormFloat64()), turn.Least), turn.Most)
	read, look := m.Card.draw(d), m.Approve.draw(d)
	handover := m.Handover.draw(d)
	leaves, patience := d.Float64() < g.GivesUp, g.Patience.draw(d)
	returns, pause := d.Float64() < g.Again, g.Pause.draw(d)+m.delay(p)
	if c.Measured {
		length = min(max(quantile(&seen.Turn, d.Float64()), m.Turn.Least), m.Turn.Most)
		handover = max(handover, quantile(&seen.Hold, d.Float64())-length) // replies follow some turns
		leaves, patience = d.Float64() < seen.Withdrawn, quantile(&seen.Patience, d.Float64())
		w.idle = ms(quantile(&seen.Idle, d.Float64()))
		returns, pause = d.Float64() < seen.Again, max(0, quantile(&seen.Pause, d.Float64())-length)
	}
	if w.card {
		length, w.approve = read, ms(look)
	}
	w.length, w.handover = ms(length), ms(handover)
	if leaves {
		w.patience = ms(patience)
	}
	if returns {
		w.pause = ms(pause)
	}
	return w
}

func (s Span) draw(d *rand.Rand) float64 { return s[0] + (s[1]-s[0])*d.Float64() }

// quantile reads deciles, between two of them in a straight line.
func quantile(d *[11]float64, u float64) float64 {
	i := min(int(u*10), 9)
	return d[i] + (d[i+1]-d[i])*(u*10-float64(i))
}

func ms(s float64) int64 { return int64(s * 1000) }
