// Whose words may lie in a record (docs/wire.md, 5 G), and how often people of a group were heard.

// owners gives everybody to whom the words of an entry belong. at is the state at the end, or now.
function owners(floor, e) {
  const b = e.body, of = id => floor.ticket(id)?.person, speaker = id => floor.turns.get(id)?.person
  switch (e.kind) {
    case 'joined': case 'described': case 'asked': return [b.person]
    case 'edited': case 'swapped': return [of(b.ticket)]
    case 'answered': return [b.by]
    case 'held': return [e.by, of(b.ticket)]
    case 'called': return [e.by, b.person]
    case 'started': case 'corrected': return [e.by, b.person, speaker(b.turn)]
    case 'confirmed': return [speaker(b.turn)]
    case 'told': case 'took-over': case 'forgiven': return [e.by]
  }
  return []
}

// erasedUnseen is whether one of them was erased by an entry that this one did not see: a later one, or across a cut.
function erasedUnseen(floor, e) {
  return owners(floor, e).some(person => floor.who(person)?.erasures.some(x => !saw(e, x)))
}

// mayStand is whether a public record may hold these words.
function mayStand(floor, e, order, field) {
  const b = e.body, ticket = floor.ticket(b.ticket)
  const isOpen = t => t && !t.hidden && !t.held && t.end !== 'withdrawn' && (t.form === 'card' ? t.approved : t.turn !== '')
  const newest = words => words?.get(field) === order
  switch (e.kind) {
    case 'planned': return field !== 'fact.video'
    case 'joined': case 'described': {
      const p = floor.who(b.person)
      if (!['name', 'group', 'org', 'country', 'region'].includes(field) || !newest(p?.words) || !p.consent.report.includes(field)) return false
      return !((p.origin === 'walkup' || p.origin === 'hand') && !p.hub) || p.agreed
    }
    case 'asked': case 'edited': case 'swapped':
      return ['about', 'text', 'link', 'lang'].includes(field) && newest(ticket?.words) && isOpen(ticket)
    case 'answered': return field === 'text' && isOpen(ticket)
    case 'confirmed': return field === 'text' && newest(floor.turns.get(b.turn)?.words)
    case 'jotted': return (field === 'text' || field === 'due') && newest(floor.notes.get(b.note)?.words) && !floor.notes.get(b.note).struck
  }
  return false
}

// checkWords refuses addenda that may not be there, and counts the digests without one.
function checkWords(floor, entries, addenda, kind) {
  const there = new Map()
  for (const a of addenda) {
    const order = a.entry.order
    if (erasedUnseen(floor, a.entry)) throw a.bad('these words were erased', 'G')
    if (kind === 'public' && !mayStand(floor, a.entry, order, a.field)) throw a.bad('these words may not stand in a public record', 'G')
    there.set(`${order} ${a.field}`, a.text)
  }
  let erased = 0, withheld = 0
  entries.forEach(e => {
    for (const field of e.said.keys()) {
      if (there.has(`${e.order} ${field}`)) continue
      if (erasedUnseen(floor, e)) erased++
      else withheld++
    }
  })
  return { erased, withheld }
}

// Groups counts, before a command, how often people of each group were heard (5 R). texts maps the order of an entry
// and a field to the words that lie in the record.
class Groups {
  constructor(texts) { this.texts = texts }
  look(floor) {
    const groupOf = p => {
      const order = p.words.get('group')
      return order === undefined ? '' : this.texts.get(`${order} group`) ?? null
    }
    const turns = new Map() // by group
    this.known = true
    for (const turn of floor.turns.values()) {
      const p = floor.people.get(turn.person)
      if (!p || !charged(turn.kind)) continue
      const g = groupOf(p)
      if (g === null) this.known = false
      turns.set(g, (turns.get(g) ?? 0) + 1)
    }
    this.heard = new Map()
    for (const t of floor.line) {
      const g = groupOf(floor.people.get(t.person))
      if (g === null) this.known = false
      this.heard.set(t.id, turns.get(g) ?? 0)
    }
  }
  of(tickets) { return tickets.map(t => this.heard.get(t.id) ?? 0) }
}
