// The fold: what the entries, applied in order, say about the session (docs/wire.md, 6). It decides nothing; whether a
// call was right is asked in rule.js, in the state before it. Entries may come from several journals: they are applied
// in the order of their stamps, and what each counts for is asked in sites.js (8).

const sides = ['room', 'online']
const other = side => side === 'room' ? 'online' : 'room'
const charged = kind => kind === 'line' || kind === 'read' || kind === 'unplanned'

// Nothing is thrown by an entry that finds nothing to change.
class Nothing extends Error {}
const must = x => { if (!x) throw new Nothing('it finds nothing to change') ; return x }

// Nobody's consent.
const nothing = { aloud: [], screen: [], report: [], officials: [] }

class Floor {
  rule = { L: 120000, Q: 30000, B: 120000, R: 2, K: 3, reply: 90000 } // until the session is created
  settings = { ties: false, lateDays: 7 }
  people = new Map()
  tickets = new Map()
  calls = new Map()
  turns = new Map()
  notes = new Map()
  segments = new Set()
  whole = null   // what the fold knows of all its entries, also of those behind; shared by its copies
  heads = new Map() // how far each journal was applied
  sites = []     // {journal, succeeds, itself} of those that take part, the hub first; itself: it said so with its first entry
  lone = []      // the same of machines on which the only site went on
  gavel = { journal: '', epoch: 0 }
  movedBy = null   // the entry with which it came there
  spans = []     // the cuts {by, far, from, to, entry}; to is null while open, entry noted it
  aside = ''     // the journal that has a side floor
  names = new Map() // other names of tickets and people
  bent = []      // entries that counted only aside, the first of each journal
  drifts = []    // {turn, began, moves}: turns of a side floor that nobody may be left to end
  newest = new Map() // of what is set as a whole, the newest entry
  deeds = []     // what became of the gavel and of debts: {at, order, kind, …}
  idle = null    // the first entry that found nothing to change, and had seen all before it
  conflict = null // the first about the main floor by a site without the gavel
  takeOvers = 0
  meanwhile = 0
  repeats = 0
  line = []      // tickets, by place
  lined = new Map() // how many of the line are of a person
  doubles = 0    // how many of the line are one too many
  open = null    // the call that waits for its turn
  running = null // the turn that has the floor
  tour = { people: [], cap: 0 }
  waits = { room: [], online: [] } // spans {from, to}; to is null while open
  ledger = []    // {at, turn} or {at} for a clamp
  once = new Set()
  now = 0
  startedAt = null // when the session was opened
  adjournedAt = null // the same of its end, wall time
  began = false // somebody was called, a tour aside
  changes = [] // of the dials, after the first call
  resumes = 0 // crashes

  apply(e) {
    this.now = e.stamp.at
    land(this, e)
    const counted = countsFor(this, e)
    if (counted) {
      this.entry = counted
      try {
        this[counted.kind](counted.body, counted)
      } catch (x) {
        if (!(x instanceof Nothing)) throw x
        this.findsNothing(e)
      }
    }
    this.heads.set(e.journal, e.n)
    for (const s of sides) this.settleWaits(s)
  }
  // findsNothing notes an entry that found nothing to change. Where its writer did not know all, that is natural.
  findsNothing(e) {
    if (!this.blind(e) && !misled(this, e)) this.idle ??= e
  }
  blind(e) {
    for (const [journal, n] of this.heads) if (journal !== e.journal && n > (e.seen.get(journal) ?? 0)) return true
    return false
  }

  // copy is another Floor that shares nothing that changes.
  copy() {
    const c = Object.assign(new Floor(), this), all = list => new Map(Array.from(list, ([id, x]) => [id, { ...x }]))
    for (const name of ['people', 'tickets', 'calls', 'turns', 'notes']) c[name] = all(this[name])
    const ticket = t => c.tickets.get(t.id)
    for (const p of c.people.values()) p.tickets = p.tickets.map(ticket)
    c.line = this.line.map(ticket)
    c.lined = new Map(this.lined)
    c.open = this.open && c.calls.get(this.open.id)
    c.running = this.running && c.turns.get(this.running.id)
    c.ledger = this.ledger.map(row => row.turn ? { ...row, turn: c.turns.get(row.turn.id) } : row)
    c.waits = { room: this.waits.room.map(s => ({ ...s })), online: this.waits.online.map(s => ({ ...s })) }
    c.spans = this.spans.map(s => ({ ...s }))
    for (const name of ['heads', 'names', 'newest']) c[name] = new Map(this[name])
    for (const name of ['sites', 'lone', 'deeds', 'changes', 'bent', 'drifts']) c[name] = this[name].slice()
    c.once = new Set(this.once)
    return c
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
  waitsNow(t) { return this.ready(t) && t.placed }
  callable(t) { return this.waitsNow(t) && !t.missing && !t.deferred }
  placedOf(person) {
    for (const t of this.ticketsOf(person)) if (this.live(t) && t.placed) return t
    return null
  }
  ticketsOf(person) { return this.people.get(person)?.tickets ?? [] }
  place(t) {
    t.place = this.entry.stamp
    t.placed = true
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
    const all = this.ticketsOf(person).filter(t => t.state === 'waiting' && !t.placed && !t.late)
    const had = all.find(t => t.place) // it was displaced, and gets its place back
    if (had) {
      had.placed = true
      this.queue(had)
    } else if (all.length) this.place(all[0])
  }
  endTicket(t, how) {
    t.state = 'done'
    t.end = how
    this.leave(t)
    this.placeNext(t.person)
  }
  comeBack(t) {
    t.state = 'waiting'
    if (t.placed) this.queue(t)
    else this.placeNext(t.person)
  }
  closeCallOf(t) { if (this.open?.ticket === t.id) this.open = null }
  // ticket finds one by any of its names, who a person, and real gives a ticket's own name.
  ticket(id) { return this.tickets.get(this.names.get(id) ?? id) }
  who(id) { return this.people.get(this.names.get(id) ?? id) }
  real(id) { return this.ticket(id)?.id ?? id ?? '' }
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

  // given are the newest words {field: place of the entry in the story}, after those that the entry says.
  given(words, ...only) {
    const fields = [...this.entry.said.keys()].filter(field => !only.length || only.includes(field))
    return new Map([...words, ...fields.map(field => [field, this.entry.order])])
  }
  seat(id) { return must(this.ticket(id)) }
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
    if (b.override) this.changes.push({ at: this.now, order: this.entry.order })
  }
  joined(b, e) {
    const known = this.people.get(b.person)
    if (known) {
      if (!sawAll(e, known.consentBy)) Object.assign(known, { consent: bothAllow(known.consent, b.consent), consentBy: unseen(e, known.consentBy) })
      throw new Nothing()
    }
    this.people.set(b.person, {
      id: b.person, side: b.side, roles: b.roles, origin: b.origin, hub: b.hub ?? '', admitted: b.admitted, agreed: b.agreed, consent: b.consent, factor: 100, spoke: 0, away: false,
      tickets: [], words: this.given([]), consentBy: [e], namedBy: e, erasures: [],
    })
  }
  described(b, e) {
    const p = must(this.people.get(b.person)), all = sawAll(e, p.consentBy) && saw(e, p.namedBy)
    p.agreed = b.agreed && (all || p.agreed)
    p.consent = all ? b.consent : bothAllow(p.consent, b.consent)
    p.consentBy = unseen(e, p.consentBy)
    if (e.said.has('name') || e.said.has('org')) p.namedBy = e
    p.words = this.given(p.words)
  }
  erased(b, e) {
    const p = must(this.people.get(b.person))
    Object.assign(p, { agreed: false, consent: nothing, consentBy: unseen(e, p.consentBy), words: new Map(), erasures: [...p.erasures, e] })
    for (const t of p.tickets) t.words = new Map()
    for (const turn of this.turns.values()) if (turn.person === p.id) turn.words = new Map()
  }
  moved(b) {
    const p = must(this.people.get(b.person)), now = this.placedOf(p.id)
    p.side = b.side
    for (const t of p.tickets) if (t.state === 'waiting' && !t.placed) Object.assign(t, { side: b.side, place: null })
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
    must(!this.ticket(b.ticket))
    const t = {
      id: b.ticket, person: p.id, state: 'waiting', end: '', form: b.form, side: b.side, mic: b.mic ?? 0, question: b.question ?? 0, late: b.late ?? false, ago: b.ago ?? 0,
      approved: b.approved || b.form === 'voice', asked: this.now, placed: false, place: null, bypassed: 0, most: 0, misses: 0, unmute: 0, turn: '',
      parked: false, hidden: false, held: false, missing: false, deferred: false, words: this.given([]),
      edits: [], holds: [], hides: [], // entries that nobody who did otherwise had seen
    }
    const free = !this.placedOf(p.id)
    this.tickets.set(t.id, t)
    p.tickets.push(t)
    if (free && !t.late) this.place(t)
    if (!free && t.form === 'voice') Object.assign(t, { state: 'done', end: 'merged' })
  }
  edited(b, e) {
    const t = this.unspoken(b.ticket)
    t.question = b.question
    if (!b.approved) Object.assign(t, { approved: false, edits: [...t.edits, e] })
    else if (sawAll(e, t.edits)) Object.assign(t, { approved: true, edits: [] })
    t.words = this.given(t.words, 'about', 'text')
  }
  approved(b, e) {
    const t = this.seat(b.ticket)
    if (sawAll(e, t.edits) && sawAll(e, t.holds)) Object.assign(t, { approved: true, held: false, edits: [], holds: [] })
  }
  held(b, e) {
    const t = this.seat(b.ticket)
    Object.assign(t, { held: true, holds: [...t.holds, e] })
  }
  hid(b, e) {
    const t = this.seat(b.ticket)
    t.hides = b.hidden ? [...t.hides, e] : t.hides.filter(x => !saw(e, x))
    t.hidden = t.hides.length > 0
  }
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
  swapped(b, e) {
    const t = this.seat(b.ticket), card = this.ticket(b.card)
    must(this.live(t))
    t.form = 'card'
    if (sawAll(e, t.edits)) Object.assign(t, { approved: true, edits: [] })
    t.words = this.given([...t.words].filter(([field]) => field !== 'text'), 'text') // what is read out is this entry's text, else that of the card
    if (!this.entry.said.has('text') && card && card !== t && this.live(card) && !card.placed) this.endTicket(card, 'merged')
    if (this.running?.ticket === t.id) this.running.kind = 'read'
  }
  deferred(b) {
    const t = this.seat(b.ticket)
    must(this.live(t) && t.placed && t.state !== 'speaking')
    if (t.state === 'called') {
      this.closeCallOf(t)
      this.comeBack(t)
    }
    t.deferred = true
  }
  called(b) {
    const t = b.ticket ? this.seat(b.ticket) : null, over = t !== null && (!this.live(t) || t.state === 'speaking')
    must(t || this.people.has(b.person))
    must(!over || this.blind(this.entry))
    if (this.open) this.missOpen(true)
    if (!b.override && !b.tour) {
      const far = !this.line.some(x => x.side !== b.side && this.callable(x))
      for (const x of this.tickets.values()) if (this.live(x) && x.deferred && (x.side === b.side || far)) x.deferred = false
    }
    if (t && !over) {
      t.state = 'called'
      t.missing = false
      t.unmute = 0
      this.leave(t)
    }
    for (const id of b.passed ?? []) {
      const x = this.ticket(id)
      if (x) x.most = Math.max(x.most, ++x.bypassed)
    }
    const i = b.tour ? this.tour.people.indexOf(b.person) : -1
    if (i >= 0) this.tour = { ...this.tour, people: this.tour.people.toSpliced(i, 1) }
    const call = { id: b.call, ticket: this.real(b.ticket), person: b.person, side: b.side, w: b.w, why: b.why, override: b.override ?? '', tour: b.tour ?? false, at: this.now, order: this.entry.order, across: false, missed: false }
    this.calls.set(call.id, call)
    if (!call.tour) this.began = true
    this.open = over ? null : call
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
    const c = this.open, twice = b.call && this.blind(this.entry) && [...this.turns.values()].some(t => t.call === b.call), call = twice ? '' : b.call ?? ''
    if (c && c.id === call && c.ticket === this.real(b.ticket)) this.open = null
    else if (c) this.missOpen(true)
    const t = this.ticket(b.ticket)
    if (t && (this.live(t) || this.blind(this.entry))) {
      if (!this.live(t)) this.displace(t)
      t.state = 'speaking'
      t.end = ''
      t.turn = b.turn
      this.leave(t)
    }
    this.running = this.begins(b, { call, kind: b.kind, cap: b.cap, factor: b.factor, w: b.w, override: b.override ?? '' })
    if (!this.severed()) return
    this.running.cut = true
    this.running.owed = this.waits[other(b.side)].at(-1)?.to === null
  }
  // begins is a turn that begins now.
  begins(b, how) {
    const turn = {
      id: b.turn, person: b.person ?? '', ticket: this.real(b.ticket), side: b.side, start: this.now, end: null, cut: false, owed: false,
      lost: [], checked: null, corrected: false, added: false, unsure: false, extended: false, words: new Map(), order: this.entry.order, entry: this.entry, ...how,
    }
    this.turns.set(turn.id, turn)
    return turn
  }
  // displace takes the place from what else its person asked.
  displace(t) {
    for (const x of this.ticketsOf(t.person)) {
      if (x === t || x.state !== 'waiting' || !x.placed) continue
      this.leave(x)
      x.placed = false
    }
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
    const fresh = !turn, e = this.entry
    const unknown = this.blind(e) && [...this.turns.values()].some(t => t.kind !== 'side' && !saw(e, t.entry))
    must(turn || b.added)
    const aside = turn?.kind === 'side' // and stays one
    if (fresh) turn = this.begins({ turn: b.turn }, { call: '', cap: this.rule.L, factor: 100, w: [1, 1], override: 'unplanned', added: true })
    else if (this.running === turn) this.stop()
    const was = !fresh && charged(turn.kind), wasEnd = turn.end
    if (was) this.spoke(turn.person, -1)
    if (fresh || aside || !unknown) {
      turn.end = Math.min(Math.max(0, b.end), this.now)
      turn.start = Math.min(Math.max(0, b.start), turn.end)
      turn.lost = []
    }
    Object.assign(turn, { person: b.person ?? '', side: b.side, kind: aside || fresh && unknown ? 'side' : b.kind, corrected: true, unsure: false, sum: null })
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
    if (from < this.now) turn.lost = [...turn.lost, { from, to: this.now }]
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
    must(this.turns.get(b.turn)).words = this.given([])
  }
  jotted(b) {
    this.notes.set(b.note, { struck: this.notes.get(b.note)?.struck ?? false, words: this.given([]) })
  }
  struck(b) { must(this.notes.get(b.note)).struck = b.struck }
  closed() {}
  rounded() {}
  wished() {}
  nudged() {}
  told() {}
  'pass-revoked'() {}

  // Several sites: who takes part, who gives the main floor, and what a site runs alone meanwhile.
  takesPart(journal) { return this.sites.some(s => s.journal === journal) }
  severed() { return this.spans.some(s => s.to === null) }
  // atHub is whether a journal is that of the hub, or of a machine before or after it.
  atHub(journal) {
    for (const s of this.sites.toReversed()) if (s.journal === journal && s.succeeds) journal = s.succeeds
    return this.sites[0]?.journal === journal
  }
  reached(journal) { return this.atHub(journal) ? 'online' : 'room' }
  linked(b, e) {
    must(b.journal !== e.journal && !this.takesPart(b.journal))
    if (!this.sites.length) {
      this.sites = [{ journal: this.lone[0]?.succeeds ?? e.journal, succeeds: '', itself: false }, ...this.lone]
      this.give(this.machine(e.journal), 1)
    }
    this.goesOn({ journal: b.journal, succeeds: b.succeeds ?? '', itself: false })
  }
  succeeded(b, e) {
    const old = this.machine(b.journal), here = this.heads.get(b.journal) ?? 0
    must(e.n === 1 && old !== e.journal && !this.takesPart(e.journal) && (b.n > 0 ? here >= b.n : this.takesPart(b.journal)))
    must(this.heir(old) === old && (!this.sites.length || this.takesPart(old)))
    const site = { journal: e.journal, succeeds: old, itself: true }
    if (this.sites.length) this.goesOn(site)
    else this.lone.push(site)
  }
  // goesOn adds a site, which may take over the part of another.
  goesOn(site) {
    const { journal, succeeds, itself } = site
    this.sites.push(site)
    if (!succeeds) return
    for (const s of this.spans) if (s.to === null && (s.by === succeeds || s.far === succeeds)) s.to = this.now
    if (this.gavel.journal === succeeds) this.give(journal, this.gavel.epoch + 1)
    if (itself && this.aside === succeeds) this.aside = journal
  }
  give(journal, epoch) {
    this.gavel = { journal, epoch }
    this.movedBy = this.entry
  }
  // heir is who has the part of a journal today; machine the same, as long as each said of itself that it goes on.
  heir(journal, only = () => true) {
    for (const s of this.sites.length ? this.sites : this.lone) if (s.succeeds === journal && only(s)) journal = s.journal
    return journal
  }
  machine(journal) { return this.heir(journal, s => s.itself) }
  has(e) { return this.machine(e.journal) === this.gavel.journal }
  // knew is whether an entry saw how the gavel came to where it is.
  knew(e) { return !this.movedBy || saw(e, this.movedBy) }
  passed(b, e) {
    must(this.takesPart(b.to) && (b.epoch > this.gavel.epoch || !this.knew(e)))
    this.give(this.heir(b.to), b.epoch)
    this.tell({ to: b.to })
  }
  'took-over'(b, e) {
    must(this.gavel.journal && (b.epoch > this.gavel.epoch || !this.knew(e) && !this.has(e)))
    if (this.open) this.missOpen(true)
    if (this.running) this.stop()
    this.give(this.machine(e.journal), b.epoch)
    this.takeOvers++
    this.tell({ class: b.class })
  }
  forgiven(b) {
    this.enter({ at: this.now, forgiven: true })
    this.tell({ class: b.class })
  }
  tell(what) { this.deeds.push({ at: this.now, order: this.entry.order, kind: this.entry.kind, ...what }) }
  cut(b, e) { this.spans.push({ by: this.heir(e.journal), far: this.heir(b.far), from: this.now, to: null, entry: e }) }
  healed(b, e) {
    const own = this.spans.filter(s => s.to === null && s.by === this.heir(e.journal) && s.far === this.heir(b.far) && saw(e, s.entry))
    must(own.length)
    for (const s of own) s.to = this.now
  }
  'side-opened'(b, e) {
    must(!this.aside)
    this.aside = this.machine(e.journal)
  }
  'side-closed'() {
    must(this.aside)
    this.aside = ''
  }
  'side-started'(b) {
    must(!this.turns.has(b.turn))
    if (!this.drifts.some(d => d.turn === b.turn)) this.drifts.push({ turn: b.turn, began: this.entry, moves: [] })
    this.begins(b, { call: '', kind: 'side', cap: this.rule.L, factor: 100, w: [1, 1], override: '' })
  }
  'side-ended'(b) {
    const turn = must(this.turns.get(b.turn))
    must(turn.kind === 'side' && (turn.end === null || turn.unsure && !turn.corrected))
    Object.assign(turn, { end: this.now, unsure: false })
  }
  settled(b) {
    const t = this.unspoken(b.ticket)
    this.closeCallOf(t)
    t.turn = b.turn
    this.endTicket(t, 'spoken')
  }
}

// earlier orders tickets by place, then by name.
function earlier(a, b) {
  const d = a.place.at - b.place.at || a.place.count - b.place.count || before(a.place.site, b.place.site) || before(a.id, b.id)
  return d < 0
}
