// The rule: turns and what they cost, the balance between the sides, who is next, and whether an entry kept to it
// (docs/wire.md, 6 and R).

// lostWithin is the lost time of a turn between two moments.
function lostWithin(turn, from, to) {
  return turn.lost.reduce((sum, l) => sum + Math.max(0, Math.min(l.to, to) - Math.max(l.from, from)), 0)
}

const limit = turn => Math.floor(turn.cap * turn.factor / 100)

// after is the moment d into the turn, lost time left out.
function after(turn, d) {
  let moment = turn.start + d
  for (const l of turn.lost) if (l.from < moment) moment += l.to - l.from
  return moment
}

function doubtful(turn, t) {
  if (turn.unsure) return true
  if (turn.end !== null) t = Math.min(t, turn.end)
  if (turn.cap === 0 || turn.corrected || turn.added) return false
  if (t <= turn.start + Math.floor(limit(turn) * 3 / 2) + lostWithin(turn, -Infinity, t)) return false
  return turn.checked === null || t > turn.checked + Math.floor(limit(turn) / 2)
}

function countsUntil(turn, t) {
  let until = turn.end ?? t
  if (doubtful(turn, until)) until = Math.min(until, Math.max(after(turn, turn.cap), turn.checked ?? 0))
  return Math.max(until, turn.start)
}

function lengthOf(turn, t) {
  const until = countsUntil(turn, t)
  return Math.max(0, until - turn.start - lostWithin(turn, turn.start, until))
}

// waited is how long the other side waited while this turn counted.
function waited(floor, turn, t) {
  const until = countsUntil(turn, t)
  const free = turn.lost.map(l => [l.from, l.to])
  if (turn.factor > 100) free.push([after(turn, turn.cap), after(turn, limit(turn))])
  free.sort((a, b) => a[0] - b[0])
  const spans = !turn.cut ? floor.waits[other(turn.side)] : turn.owed ? [{ from: turn.start, to: null }] : []
  let sum = 0
  for (const span of spans) {
    let from = Math.max(span.from, turn.start)
    const to = Math.min(span.to ?? Infinity, until)
    for (const [a, b] of free) {
      if (b <= from || a >= to) continue
      sum += Math.max(0, a - from)
      from = Math.max(from, b)
    }
    sum += Math.max(0, to - from)
  }
  return sum
}

function alone(floor, turn, t) {
  const m = countsUntil(turn, t)
  return !floor.waits[other(turn.side)].some(s => s.from <= m && (s.to === null || s.to > m))
}

// costOf is the charge of a turn that ended, and whether nobody of the other side waited then. It is kept from the next
// millisecond on, when nothing that comes can change it but a correction.
function costOf(floor, turn) {
  if (turn.sum?.rule === floor.rule) return turn.sum
  const w = waited(floor, turn, turn.end)
  const sum = { charge: w === 0 ? 0 : w + Math.max(0, floor.rule.Q - lengthOf(turn, turn.end)), rule: floor.rule, alone: alone(floor, turn, turn.end) }
  if (floor.now > turn.end) turn.sum = sum
  return sum
}

const clamp = (x, b) => Math.min(Math.max(x, -b), b)

// balance adds up the ledger. step hears the balance after each line of it.
function balance(floor, step = () => {}) {
  const rule = floor.rule, sum = { lead: 0, run: 0, row: 0, last: null }
  for (const { at, turn, forgiven } of floor.ledger) {
    if (!turn) {
      sum.lead = clamp(sum.lead, rule.B)
      if (!forgiven) sum.run = sum.row = 0
      step(at, sum, null)
      continue
    }
    if (!charged(turn.kind)) continue
    const { charge, alone } = costOf(floor, turn), i = sides.indexOf(turn.side)
    if (sum.last !== turn.side) sum.run = sum.row = 0
    sum.last = turn.side
    sum.run += charge
    sum.row++
    sum.lead += (i === 0 ? 1 : -1) * Math.floor(charge / Math.max(1, turn.w[i]))
    if (alone) sum.lead = clamp(sum.lead, rule.B)
    step(at, sum, turn)
  }
  return sum
}

function weights(floor) {
  const n = sides.map(s => floor.line.filter(t => t.side === s && floor.waitsNow(t)).length)
  return n.map((own, i) => n[1 - i] > 0 && own >= 2 * n[1 - i] ? Math.min(floor.rule.R, Math.floor(own / n[1 - i])) : 1)
}

// next is whom the rule names, or null. heard tells how often people like the owner of a ticket were heard.
function next(floor, heard) {
  const rule = floor.rule, seats = floor.line.filter(t => floor.waitsNow(t))
  const near = floor.gavel.journal && floor.severed() ? seats.filter(t => t.side === floor.reached(floor.gavel.journal)) : seats
  let can = near.filter(t => floor.callable(t))
  if (!can.length) can = near.filter(t => !t.missing)
  if (!can.length) return null
  const [room, online] = sides.map(s => can.some(t => t.side === s))
  const w = weights(floor), { lead, run, row, last } = balance(floor)
  const tired = side => last === side && run >= (rule.R + 1) * rule.L
  const at = side => w[sides.indexOf(side)], n = side => seats.filter(t => t.side === side).length
  let why
  if (room !== online) why = { kind: 'only', side: room ? 'room' : 'online' }
  else if (lead > rule.B && !tired('online')) why = { kind: 'balance', side: 'online', ms: lead, w: Math.max(...w) }
  else if (lead < -rule.B && !tired('room')) why = { kind: 'balance', side: 'room', ms: -lead, w: Math.max(...w) }
  else if (!floor.began) why = { kind: 'opening', side: 'online' }
  else if (last && at(last) > 1 && row < at(last)) why = { kind: 'many', side: last, n: n(last), m: n(other(last)), w: at(last) }
  else why = { kind: 'turns', side: last ? other(last) : 'online' }

  const own = can.filter(t => t.side === why.side)
  const spoke = t => floor.people.get(t.person).spoke > 0
  const owed = own.find(t => t.bypassed >= rule.K), fresh = own.find(t => !spoke(t))
  let chosen = owed ?? fresh ?? own[0]
  if (chosen !== own[0]) why.then = owed ? 'bypassed' : 'new'
  let counts = []
  if (floor.settings.ties && !owed) {
    const rest = own.slice(own.indexOf(chosen)).filter(t => spoke(t) === spoke(chosen))
    counts = heard(rest)
    const least = rest[counts.indexOf(Math.min(...counts))]
    if (least !== chosen) {
      chosen = least
      why.then = 'heard'
    }
  }
  return { ticket: chosen, why, w, passed: own.slice(0, own.indexOf(chosen)).map(t => t.id), heard: counts }
}

const classes = new Set(['direct-reply', 'balance', 'access', 'time', 'order', 'unplanned', 'other'])

// canonical is a value with what is empty left out, to be compared.
const canonical = x => JSON.stringify(Array.isArray(x) ? x : Object.entries(x).filter(([, v]) => !empty(v)).sort(([a], [b]) => before(a, b)))
const like = (a, b) => canonical(a) === canonical(b)

// breach is what an entry does against the rule in the state before it, or ''. heard is told the numbers that a call
// stored, and gives those to judge it by.
function breach(floor, e, heard) {
  const b = e.body
  switch (e.kind) {
    case 'called': return breachOfCall(floor, e, b, heard)
    case 'started': return breachOfTurn(floor, e, b)
    case 'missed': return breachOfMiss(floor, e, b)
    case 'passed': return !floor.severed() && b.epoch === floor.gavel.epoch + 1 ? '' : 'the gavel is passed in a cut, or with another epoch than the next'
    case 'took-over': return breachOfTaking(floor, e, b)
    case 'forgiven': {
      if (!classes.has(b.class)) return 'a debt is forgiven without a class of reasons'
      return Math.abs(balance(floor).lead) > floor.rule.B ? '' : 'a debt is forgiven that nobody has'
    }
    case 'dialled': return b.override === floor.calls.size > 0 ? '' : 'the dials changed, and the entry hides it or makes it up'
  }
  return ''
}

function breachOfCall(floor, e, b, heard) {
  if (floor.running || floor.open) return 'somebody has the floor or was called already'
  if (b.call !== e.name) return 'the call has the name of another'
  const passed = b.passed ?? [], counts = b.heard ?? [], ticket = b.ticket ?? ''
  if (b.override && b.tour) return 'an override and a tour at once'
  if (b.override) {
    if (!classes.has(b.override)) return 'an override without a class of reasons'
    if (!like(b.why, { kind: 'override', side: 'room' })) return 'an override that names another reason'
    if (passed.length || counts.length) return 'an override passes nobody'
    if (!like(b.w, weights(floor))) return 'other weights than those of the line'
    const t = floor.ticket(ticket), p = floor.who(b.person)
    if (ticket ? !t || t.person !== b.person || t.side !== b.side : p?.side !== b.side) return 'the person or the side is another'
    return ''
  }
  if (b.tour) {
    const p = floor.who(b.person)
    if (floor.tour.people[0] !== b.person || p?.side !== b.side) return 'somebody else is first in the tour'
    if (ticket || passed.length || counts.length || !like(b.w, [1, 1]) || !like(b.why, { kind: 'tour', side: 'room' })) return 'more than a call of the tour'
    return ''
  }
  if (floor.tour.people.length) return 'the tour is not over'
  const c = next(floor, list => heard(list, counts))
  if (!c) return 'nobody can be called'
  if (ticket !== c.ticket.id) return `the rule names ${c.ticket.id}, not ${ticket || 'somebody without a ticket'}`
  if (b.person !== c.ticket.person || b.side !== c.ticket.side) return 'the person or the side is not that of the ticket'
  if (!like(b.w, c.w)) return 'other weights than those of the line'
  if (!like(b.why, c.why)) return 'the reason is another'
  if (!like(passed, c.passed)) return 'others were passed'
  if (!like(counts, c.heard)) return 'the groups were heard another number of times'
  return ''
}

function breachOfTurn(floor, e, b) {
  if (b.turn !== e.name) return 'the turn has the name of another'
  const w = weights(floor)
  if (!b.call) {
    if (b.kind === 'unplanned') {
      if (b.override !== 'unplanned') return 'an unplanned turn without its class'
      return floor.running || like(b.w, w) ? '' : 'other weights than those of the line'
    }
    if (!['panel', 'reply', 'right-of-reply', 'order'].includes(b.kind)) return 'no turn of this kind begins without a call'
    return b.ticket || b.override ? 'such a turn has no ticket and no override' : ''
  }
  const c = floor.open
  if (c?.id !== b.call) return 'this call is not open'
  const t = floor.tickets.get(c.ticket), p = floor.people.get(c.person)
  const kind = c.tour ? 'tour' : t?.form === 'card' ? 'read' : 'line'
  if (b.kind !== kind) return `a turn of the kind ${b.kind} instead of ${kind}`
  if (b.cap !== (c.tour ? floor.tour.cap : floor.rule.L)) return 'another length than was allowed'
  if ((b.person ?? '') !== c.person || (b.ticket ?? '') !== c.ticket || b.side !== c.side) return 'not who was called'
  if (!like(b.w, c.w) || (b.override ?? '') !== c.override) return 'other weights or another override than those of the call'
  if ((b.question ?? 0) !== (t?.question ?? 0) || (b.mic ?? 0) !== (t?.mic ?? 0)) return 'another question or microphone than that of the ticket'
  if (b.factor !== (p?.factor ?? 100)) return 'another factor than that of the person'
  return b.to ? 'a turn of the line answers nobody' : ''
}

function breachOfTaking(floor, e, b) {
  const { gavel } = floor
  if (!classes.has(b.class)) return 'the gavel is taken over without a class of reasons'
  if (!floor.severed()) return 'the gavel is taken over while the sites hear each other'
  if (!gavel.journal || gavel.journal === e.journal || floor.reached(e.journal) !== 'online') return 'the gavel is taken over by a site that has it already, or is not the hub'
  return b.epoch === gavel.epoch + 1 ? '' : 'the gavel is taken over with another epoch than the next'
}

function breachOfMiss(floor, e, b) {
  const c = floor.open
  if (b.aside || c?.id !== b.call) return ''
  const t = floor.tickets.get(c.ticket)
  let from = c.at
  if (t && t.form !== 'card' && t.mic <= 0 && c.side === 'online') {
    if (t.unmute === 0) return 'missed, and nobody had been asked to unmute'
    from = Math.max(from, t.unmute)
  }
  return e.stamp.at - from >= 20000 ? '' : 'missed before 20 seconds had passed'
}
