// The fold: what the entries, applied in order, say about the session (docs/wire.md, 6). It decides nothing; whether a
// call was right is asked in rule.js, in the state before it. Entries may come from several journals: they are applied
// in the order of their stamps, and each names what it creates after its own site.

const sides = ['room', 'online']
const other = side => side === 'room' ? 'online' : 'room'
const charged = kind => kind === 'line' || kind === 'read' || kind === 'unplanned'

// Nothing is thrown by an entry that finds nothing to change.
class Nothing extends Error {}
const must = x => { if (!x) throw new Nothing('it finds nothing to change') ; return x }

class Floor {
  people = new Map()
  tickets = new Map()
  calls = new Map()
  turns = new Map()
  notes = new Map()
  segments = new Set()
  links = new Set() // journals of other sites
  line = []      // tickets, by place
  lined = new Map() // how many of the line are of a person
  doubles = 0    // how many of the line are one too many
  open = null    // the call that waits for its turn
  running = null // the turn that has the floor
  tour = { people: [], cap: 0 }
  waits = { room: [], online: [] } // spans {from, to}; to is null while open
  ledger = []    // {at, turn} or {at} for a clamp
  once = new Set()
  gone = new Map() // the last entry that erased a person
  now = 0
  startedAt = null // when the session was opened
  adjournedAt = null // the same of its end, wall time
  began = false // somebody was called, a tour aside
  changes = [] // of the dials, after the first call
  resumes = 0 // crashes

  apply(e, order) {
    this.entry = e
    this.now = e.stamp.at
    this.order = order
    const does = this[e.kind]
    if (!does) throw new Beyond(e.kind)
    does.call(this, e.body, e)
    for (const s of sides) this.settleWaits(s)
  }

  settleWaits(s) {
    const spans = this.waits[s], last = spans.at(-1), open = last && last.to === null
    const waiting = this.line.some(t => t.side === s && this.waitsNow(t))
    if (waiting && !open) spans.push({ from: this.now, to: null })
    if (!waiting && open) {
      last.to = this.now
      this.enter({ at: this.now })
    }
  }

  enter(row) {
    let i = this.ledger.length
    while (i > 0 && this.ledger[i - 1].at > row.at) i--
    this.ledger.splice(i, 0, row)
  }

  // Tickets.
  live(t) { return t.state !== 'done' }
  ready(t) {
    if (t.state !== 'waiting' || t.parked || t.hidden || t.held || t.form === 'card' && !t.approved) return false
    const p = this.people.get(t.person)
    return p.admitted && (!p.away || t.form === 'card' || t.mic > 0)
  }
  waitsNow(t) { return this.ready(t) && t.place !== null }
  callable(t) { return this.waitsNow(t) && !t.missing && !t.deferred }
  placedOf(person) {
    for (const t of this.ticketsOf(person)) if (this.live(t) && t.place) return t
    return null
  }
  ticketsOf(person) { return this.people.get(person)?.tickets ?? [] }
  place(t) {
    t.place = this.entry.stamp
    this.queue(t)
  }
  queue(t) {
    let i = this.line.length
    while (i > 0 && earlier(t, this.line[i - 1])) i--
    this.line.splice(i, 0, t)
    this.count(t.person, 1)
  }
  leave(t) {
    const i = this.line.indexOf(t)
    if (i < 0) return
    this.line.splice(i, 1)
    this.count(t.person, -1)
  }
  count(person, n) {
    const was = this.lined.get(person) ?? 0
    this.lined.set(person, was + n)
    this.doubles += Math.max(0, was + n - 1) - Math.max(0, was - 1)
  }
  placeNext(person) {
    if (this.once.has('adjourned') || this.placedOf(person)) return
    const t = this.ticketsOf(person).find(t => t.state === 'waiting' && !t.place && !t.late)
    if (t) this.place(t)
  }
  endTicket(t, how) {
    t.state = 'done'
    t.end = how
    this.leave(t)
    this.placeNext(t.person)
  }
  comeBack(t) {
    t.state = 'waiting'
    if (t.place) this.queue(t)
    else this.placeNext(t.person)
  }
  closeCallOf(t) { if (this.open?.ticket === t.id) this.open = null }
  missOpen(aside) {
    const c = this.open, t = this.tickets.get(c.ticket)
    this.open = null
    c.missed = !aside
    if (t?.state !== 'called') return
    if (!aside) {
      t.missing = true
      if (++t.misses >= 3) t.parked = true
    }
    this.comeBack(t)
  }

  stop() {
    const turn = this.running
    this.running = null
    turn.end = this.now
    if (charged(turn.kind)) {
      this.enter({ at: turn.end, turn })
      this.spoke(turn.person, 1)
    }
    for (const t of this.tickets.values()) if (t.id !== turn.ticket) t.missing = false
    const t = this.tickets.get(turn.ticket)
    if (t && this.live(t)) this.endTicket(t, turn.kind === 'read' ? 'read' : 'spoken')
  }
  spoke(person, n) {
    const p = this.people.get(person)
    if (p) p.spoke = Math.max(0, p.spoke + n)
  }

  // given remembers which entry gave a field its newest words.
  given(words, ...only) {
    for (const field of this.entry.said.keys()) if (!only.length || only.includes(field)) words.set(field, this.order)
  }
  seat(id) { return must(this.tickets.get(id)) }
  unspoken(id) {
    const t = this.seat(id)
    must(this.live(t) && t.state !== 'speaking')
    return t
  }
  first(what) {
    must(!this.once.has(what))
    this.once.add(what)
  }

  // What each kind does.
  created(b) {
    this.rule = b.rule
    this.settings = b.settings
  }
  set(b) { this.settings = b.settings }
  dialled(b) {
    this.rule = b.rule
    if (b.override) this.changes.push({ at: this.now, order: this.order })
  }
  joined(b) {
    must(!this.people.has(b.person))
    const p = { id: b.person, side: b.side, roles: b.roles, origin: b.origin, hub: b.hub ?? '', admitted: b.admitted, agreed: b.agreed, consent: b.consent, factor: 100, spoke: 0, away: false, tickets: [], words: new Map() }
    this.given(p.words)
    this.people.set(p.id, p)
  }
  described(b) {
    const p = must(this.people.get(b.person))
    p.agreed = b.agreed
    p.consent = b.consent
    this.given(p.words)
  }
  erased(b) {
    const p = must(this.people.get(b.person))
    p.agreed = false
    p.consent = { aloud: [], screen: [], report: [], officials: [] }
    p.words.clear()
    for (const t of p.tickets) t.words.clear()
    for (const turn of this.turns.values()) if (turn.person === p.id) turn.words.clear()
    this.gone.set(p.id, this.order)
  }
  moved(b) {
    const p = must(this.people.get(b.person)), now = this.placedOf(p.id)
    p.side = b.side
    for (const t of p.tickets) if (t.state === 'waiting' && !t.place) t.side = b.side
    if (now?.state !== 'waiting') return
    this.leave(now)
    now.side = b.side
    now.bypassed = 0
    this.place(now)
  }
  admitted(b) {
    for (const id of b.people) {
      const p = this.people.get(id)
      if (p) p.admitted = true
    }
  }
  present(b) {
    const p = must(this.people.get(b.person)), t = this.placedOf(p.id)
    p.away = b.away
    if (b.away || !t) return
    if (t.parked) t.misses = 0
    t.parked = t.missing = t.deferred = false
  }
  granted(b) {
    must(this.people.get(b.person)).factor = b.factor
    if (this.running?.person === b.person) this.running.factor = b.factor
  }
  asked(b) {
    const p = must(this.people.get(b.person))
    must(!this.tickets.has(b.ticket))
    const t = {
      id: b.ticket, person: p.id, state: 'waiting', end: '', form: b.form, side: b.side, mic: b.mic ?? 0, question: b.question ?? 0, late: b.late ?? false,
      approved: b.approved || b.form === 'voice', asked: this.now, place: null, bypassed: 0, most: 0, misses: 0, unmute: 0, turn: '',
      parked: false, hidden: false, held: false, missing: false, deferred: false, words: new Map(),
    }
    this.given(t.words)
    const free = !this.placedOf(p.id)
    this.tickets.set(t.id, t)
    p.tickets.push(t)
    if (free && !t.late) this.place(t)
    if (!free && t.form === 'voice') Object.assign(t, { state: 'done', end: 'merged' })
  }
  edited(b) {
    const t = this.unspoken(b.ticket)
    t.question = b.question
    t.approved = b.approved
    this.given(t.words, 'about', 'text')
  }
  approved(b) { Object.assign(this.seat(b.ticket), { approved: true, held: false }) }
  held(b) { this.seat(b.ticket).held = true }
  hid(b) { this.seat(b.ticket).hidden = b.hidden }
  parked(b) { this.seat(b.ticket).parked = true }
  stayed(b) { this.seat(b.ticket) }
  backed(b) { this.seat(b.ticket) }
  withdrew(b) {
    const t = this.unspoken(b.ticket)
    this.closeCallOf(t)
    this.endTicket(t, 'withdrawn')
  }
  merged(b) {
    const t = this.seat(b.ticket), into = this.seat(b.into)
    must(t !== into)
    this.unspoken(b.ticket)
    this.closeCallOf(t)
    this.endTicket(t, 'merged')
  }
  answered(b) {
    const t = this.seat(b.ticket)
    if (t.form === 'card' && t.state === 'waiting') this.endTicket(t, 'answered')
    else if (t.end === 'not reached') t.end = 'answered'
  }
  swapped(b) {
    const t = this.seat(b.ticket), card = this.tickets.get(b.card)
    must(this.live(t))
    t.form = 'card'
    t.approved = true
    t.words.delete('text') // what is read out is this entry's text, else that of the card
    if (this.entry.said.has('text')) this.given(t.words, 'text')
    else if (card && card !== t && this.live(card) && !card.place) this.endTicket(card, 'merged')
    if (this.running?.ticket === t.id) this.running.kind = 'read'
  }
  deferred(b) {
    const t = this.seat(b.ticket)
    must(this.live(t) && t.place && t.state !== 'speaking')
    if (t.state === 'called') {
      this.closeCallOf(t)
      this.comeBack(t)
    }
    t.deferred = true
  }
  called(b) {
    const t = b.ticket ? this.unspoken(b.ticket) : null
    if (!t) must(this.people.has(b.person))
    if (this.open) this.missOpen(true)
    if (!b.override && !b.tour) {
      const far = !this.line.some(x => x.side !== b.side && this.callable(x))
      for (const x of this.tickets.values()) if (this.live(x) && x.deferred && (x.side === b.side || far)) x.deferred = false
    }
    if (t) {
      t.state = 'called'
      t.missing = false
      t.unmute = 0
      this.leave(t)
    }
    for (const id of b.passed ?? []) {
      const x = this.tickets.get(id)
      if (x) x.most = Math.max(x.most, ++x.bypassed)
    }
    const i = b.tour ? this.tour.people.indexOf(b.person) : -1
    if (i >= 0) this.tour.people = this.tour.people.toSpliced(i, 1)
    const call = { id: b.call, ticket: b.ticket ?? '', person: b.person, side: b.side, w: b.w, why: b.why, override: b.override ?? '', tour: b.tour ?? false, at: this.now, order: this.order, across: false, missed: false }
    this.calls.set(call.id, call)
    if (!call.tour) this.began = true
    this.open = call
    call.across = !call.override && b.why.kind === 'only' && this.line.some(x => x.side !== call.side && this.waitsNow(x))
  }
  'asked-to-unmute'(b) { this.seat(b.ticket).unmute = this.now }
  missed(b) {
    must(this.open?.id === b.call)
    this.missOpen(b.aside ?? false)
  }
  started(b) {
    must(!this.turns.has(b.turn))
    if (this.running) this.stop()
    const c = this.open
    if (c && c.id === b.call && c.ticket === (b.ticket ?? '')) this.open = null
    else if (c) this.missOpen(true)
    const t = this.tickets.get(b.ticket)
    if (t && this.live(t)) {
      t.state = 'speaking'
      t.turn = b.turn
      this.leave(t)
    }
    const turn = {
      id: b.turn, call: b.call ?? '', kind: b.kind, person: b.person ?? '', ticket: b.ticket ?? '', side: b.side, start: this.now, end: null, cap: b.cap, factor: b.factor, w: b.w,
      override: b.override ?? '', lost: [], checked: null, corrected: false, added: false, extended: false, words: new Map(), order: this.order,
    }
    this.turns.set(turn.id, turn)
    this.running = turn
  }
  ended(b) {
    must(this.running?.id === b.turn)
    this.stop()
  }
  extended(b) {
    const turn = must(this.turns.get(b.turn))
    must(!turn.extended)
    turn.extended = true
    turn.cap += Math.floor(turn.cap / 2)
    turn.sum = null
  }
  checked(b) { Object.assign(must(this.turns.get(b.turn)), { checked: this.now, sum: null }) }
  corrected(b) {
    let turn = this.turns.get(b.turn)
    const fresh = !turn
    if (fresh) {
      must(b.added)
      turn = { id: b.turn, call: '', ticket: '', cap: this.rule.L, factor: 100, w: [1, 1], override: 'unplanned', start: 0, end: null, lost: [], checked: null, added: true, extended: false, words: new Map(), order: this.order }
      this.turns.set(turn.id, turn)
    } else if (this.running === turn) this.stop()
    const was = !fresh && charged(turn.kind), wasEnd = turn.end
    if (was) this.spoke(turn.person, -1)
    turn.end = Math.min(Math.max(0, b.end), this.now)
    turn.start = Math.min(Math.max(0, b.start), turn.end)
    turn.person = b.person ?? ''
    turn.side = b.side
    turn.kind = b.kind
    turn.lost = []
    turn.corrected = true
    turn.sum = null
    if (!charged(turn.kind)) return
    this.spoke(turn.person, 1)
    if (was && turn.end === wasEnd) return
    this.ledger = this.ledger.filter(row => row.turn !== turn)
    this.enter({ at: turn.end, turn })
  }
  resumed(b) {
    const turn = this.running
    this.resumes++
    if (!turn) return
    const from = Math.max(b.mark, turn.start) + b.down
    if (from < this.now) turn.lost.push({ from, to: this.now })
  }
  planned(b) { this.segments = new Set(b.segments.map(s => s.id)) }
  begun(b) { must(this.segments.has(b.segment)) }
  stretched(b) { must(this.segments.has(b.segment)) }
  toured(b) { this.tour = { people: b.people, cap: b.cap } }
  opened() {
    this.first('opened')
    this.startedAt = this.now
  }
  adjourned() {
    this.first('adjourned')
    this.adjournedAt = this.entry.wall
    if (this.running) this.stop()
    this.open = null
    for (const t of this.tickets.values()) if (this.live(t)) this.endTicket(t, 'not reached')
  }
  frozen() { this.first('frozen') }
  confirmed(b) {
    const { words } = must(this.turns.get(b.turn))
    words.clear()
    this.given(words)
  }
  jotted(b) {
    const note = this.notes.get(b.note) ?? { struck: false }
    note.words = new Map()
    this.given(note.words)
    this.notes.set(b.note, note)
  }
  struck(b) { must(this.notes.get(b.note)).struck = b.struck }
  closed() {}
  rounded() {}
  wished() {}
  nudged() {}
  told() {}
  'pass-revoked'() {}
  linked(b, e) {
    must(b.journal !== e.journal && !this.links.has(b.journal))
    this.links.add(b.journal)
  }
}

// earlier orders tickets by place, then by name.
function earlier(a, b) {
  const d = a.place.at - b.place.at || a.place.count - b.place.count || before(a.place.site, b.place.site) || before(a.id, b.id)
  return d < 0
}
