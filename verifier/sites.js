// A session on several sites (docs/wire.md, 8): what an entry had seen, what it counts for, and a fold into which entries
// come late.

// saw is whether the writer of an entry had seen another one.
function saw(e, x) {
  return x.journal === e.journal ? x.n < e.n : x.n <= (e.seen.get(x.journal) ?? 0)
}
const sawAll = (e, list) => list.every(x => saw(e, x))

// unseen are the entries of a list that this one had not seen, and itself.
const unseen = (e, list) => [...list.filter(x => !saw(e, x)), e]

// bothAllow is what two consents allow together.
function bothAllow(a, b) {
  return Object.fromEntries(Object.keys(nothing).map(where => [where, a[where].filter(field => b[where].includes(field))]))
}

// later orders entries by their stamps.
function later(a, b) {
  return a.stamp.at - b.stamp.at || a.stamp.count - b.stamp.count || before(a.stamp.site, b.stamp.site)
}

// linkJournals asks what ties the journals of a record together.
async function linkJournals(journals) {
  const creators = journals.filter(j => j.entries[0].kind === 'created'), keys = new Map(), after = new Map()
  if (creators.length !== 1) throw new Fault('C', journals[0].entriesFile.name, 'not one journal that creates the session')
  for (const j of journals) {
    for (const e of j.entries) {
      if (e.kind === 'linked') keys.set(e.body.journal, e.body.key)
      if (e.kind === 'succeeded') after.set(j.name, e.body.journal)
    }
  }
  for (const j of journals) for (const e of j.entries) if (e.kind === 'succeeded') await checkSuccession(j, e, journals, after, keys)
  for (const j of journals) if (j.entries[0].kind === 'succeeded') keys.set(j.name, j.entries[0].body.key)
  for (const j of journals) if (j !== creators[0] && keys.get(j.name) !== j.key) throw new Fault('C', 'manifest.json', `${j.name} was not let in, or with another key`)
  for (const j of journals) checkViews(j, journals)
}

// checkSuccession asks whether a journal may go on for another one that ended. A venue's must have its old key's word.
async function checkSuccession(j, e, journals, after, keys) {
  const bad = say => new Fault('C', e.where, say), b = e.body, old = journals.find(o => o !== j && o.name === b.journal)
  let root = b.journal
  for (let i = 0; i < after.size; i++) root = after.get(root) ?? root
  const venue = keys.has(root), was = old?.key ?? (b.n === 0 ? keys.get(b.journal) : undefined)
  if (e.n !== 1) throw bad('a journal goes on for another one only with its first entry')
  if (was === undefined) throw bad('it goes on for a journal that is not here')
  if (b.n < 0 || b.n > (old?.entries.length ?? 0) || b.hash !== (b.n > 0 ? hashOf(old, b.n) : '') || b.n === 0 && !venue) throw bad('it goes on after another entry than the one that is here')
  if (b.was !== was) throw bad('the journal that ended has another key')
  if (!b.proof && venue) throw bad('the old key of a venue did not sign this')
  if (!b.proof) return
  const signature = unbase64url(b.proof), point = (await readKey(was))?.point
  const text = `openmic-succeeds/${j.name}\n${b.key}\n${b.journal}\n${b.n}\n${b.hash}\n`
  if (signature?.length !== 64 || !point || !await verifies(point, signature, utf8.encode(text))) throw bad('the old key did not sign this')
}

// checkViews asks whether what each entry had seen is there, in order, stamped before it, and no less than before.
function checkViews(j, journals) {
  let seen = new Map()
  for (const e of j.entries) {
    const bad = say => new Fault('C', e.where, say)
    let last = ''
    for (const v of e.view) {
      const o = journals.find(o => o !== j && o.name === v.journal)
      if (!o) throw bad('it had seen a journal that is not here')
      if (last && before(last, v.journal) >= 0) throw bad('what it had seen is not in order')
      last = v.journal
      if (v.n < 1 || v.n > o.entries.length) throw bad('it had seen an entry that is not here')
      if (v.n < (seen.get(v.journal) ?? 0)) throw bad('it had seen less than the entry before')
      const x = o.entries[v.n - 1]
      if (later(x, e) >= 0) throw bad('it had seen what is stamped later')
      for (const w of x.view) if (w.n > (w.journal === j.name ? e.n - 1 : e.seen.get(w.journal) ?? 0)) throw bad('it had seen an entry, and not what that one had seen')
    }
    for (const journal of seen.keys()) if (!e.seen.has(journal)) throw bad('it had seen less than the entry before')
    seen = e.seen
  }
}

const onMainFloor = new Set(['called', 'asked-to-unmute', 'missed', 'started', 'ended', 'extended', 'checked', 'opened', 'begun', 'stretched', 'adjourned', 'closed', 'rounded',
  'toured', 'dialled', 'corrected', 'resumed', 'forgiven', 'passed'])

// A Whole is what the entries of a fold say about each other, wherever they stand.
class Whole {
  first = new Map() // of each press, the entry with the earliest stamp
  made = new Map()  // of each press, what made an ask or a person
  ends = []         // {by, only}: with which entries a site, or every other one, lost its part
  moves = []        // with which the gavel was passed or taken
  after = new Map() // of the journal of a machine that goes on for another one, which that is
  last = new Map()  // of each journal, its last entry that is here
  revoked = []      // passes

  // add takes one in, and says whether it may bear on what stands before it.
  add(e) {
    const tail = [...this.after.values()].includes(e.journal), first = this.first.get(e.press)
    if ((this.last.get(e.journal)?.n ?? 0) < e.n) this.last.set(e.journal, e)
    if (!first || later(e, first) < 0) this.first.set(e.press, e)
    switch (e.kind) {
      case 'asked': case 'joined': this.made.set(e.press, [...this.made.get(e.press) ?? [], e]); return tail
      case 'passed': this.moves.push(e); return tail
      case 'took-over': this.moves.push(e); this.ends.push({ by: e, only: '' }); return true
      case 'linked': if (e.body.succeeds) this.ends.push({ by: e, only: e.body.succeeds }); return tail || Boolean(e.body.succeeds)
      case 'succeeded': this.after.set(e.journal, e.body.journal); return true
      case 'pass-revoked': this.revoked.push(e); return true
    }
    return tail
  }
  // before lists the journals of the machines that one goes on for, the nearest first.
  before(journal) {
    const out = []
    while (out.length < this.after.size && (journal = this.after.get(journal))) out.push(journal)
    return out
  }
  root(journal) { return this.before(journal).at(-1) ?? journal }
  // lost is whether a machine before that of a journal wrote an entry or had seen it.
  lost(journal, e) {
    return this.before(journal).some(old => e.journal === old || this.last.has(old) && e.n <= (this.last.get(old).seen.get(e.journal) ?? 0))
  }
  repeats(e) { return e.by !== '' && this.first.get(e.press).journal !== e.journal }
  // meant is the body of what a repeat made where it came first, or undefined.
  meant(e) {
    const of = journal => (this.made.get(e.press) ?? []).filter(x => x.journal === journal && x.kind === e.kind).sort((a, b) => a.n - b.n)
    return of(this.first.get(e.press).journal)[of(e.journal).indexOf(e)]?.body
  }
  // late lists the entries by which one is late; it is not when there are none.
  late(e) {
    const out = []
    for (const { by, only } of this.ends) {
      if (by.journal === e.journal || saw(by, e) || saw(e, by)) continue
      if (only !== e.journal && (only || this.root(by.journal) === this.root(e.journal) || this.lost(by.journal, e) || this.lost(e.journal, by))) continue
      out.push(by)
    }
    return [...out, ...this.elsewhere(e)]
  }
  // elsewhere is the newest move of the gavel that this writer lost with the machine before, if it took it from its site.
  elsewhere(e) {
    if (!this.after.has(e.journal)) return []
    if (this.moves.some(m => m.kind === 'took-over' && m.journal === e.journal && m.n < e.n)) return []
    const moves = this.moves.filter(m => !saw(e, m) && this.lost(e.journal, m)).sort((a, b) => a.body.epoch - b.body.epoch || later(a, b)), m = moves.at(-1)
    return m !== undefined && this.root(m.kind === 'passed' ? m.body.to : m.journal) !== this.root(e.journal) ? [m] : []
  }
  meanwhile(e) {
    return e.by !== '' && this.revoked.some(r => r.body.person === e.by && r.journal !== e.journal && !saw(e, r) && !saw(r, e))
  }
}

// countsFor is the entry as it counts in a fold that has applied what stands before it; null when it changes nothing.
function countsFor(floor, e) {
  const { whole, gavel } = floor
  if (whole.repeats(e)) {
    floor.repeats++
    const meant = whole.meant(e)
    if (meant && e.kind === 'asked' && floor.ticket(meant.ticket)) floor.names.set(e.body.ticket, floor.ticket(meant.ticket).id)
    if (meant && e.kind === 'joined' && floor.who(meant.person) && !floor.who(e.body.person)) floor.names.set(e.body.person, floor.who(meant.person).id)
    return null
  }
  e = named(floor, e)
  if (whole.meanwhile(e)) floor.meanwhile++
  if (onMainFloor.has(e.kind) && gavel.journal) {
    const moves = whole.late(e)
    if (moves.length) return asideOf(floor, e, moves)
    if (!floor.has(e)) {
      if (floor.knew(e)) floor.conflict ??= e
      return asideOf(floor, e, [floor.movedBy])
    }
  }
  if (e.kind === 'set' || e.kind === 'planned') {
    const newest = floor.newest.get(e.kind)
    if (newest && !saw(e, newest) && newest.journal === gavel.journal && e.journal !== gavel.journal) return null
    floor.newest.set(e.kind, e)
  }
  return e.said.size && erasedUnseen(floor, e) ? { ...e, said: new Map() } : e
}

// misled is whether the writer had seen an entry that counts only aside, and took it for what it said.
const misled = (floor, e) => floor.bent.some(x => saw(e, x))

// named is the entry with everybody's own name in it.
function named(floor, e) {
  if (!floor.names.size) return e
  const own = id => floor.names.get(id) ?? id, body = { ...e.body }
  for (const field of ['person', 'hub', 'to', 'by']) if (typeof body[field] === 'string') body[field] = own(body[field])
  if (Array.isArray(body.people)) body.people = body.people.map(own)
  return { ...e, body }
}

// asideOf is what is left of an entry about the main floor when its site had no right to it, by these moves of the gavel.
function asideOf(floor, e, moves) {
  if (!misled(floor, e)) floor.bent.push(e)
  if (e.kind === 'started') {
    if (!floor.turns.has(e.body.turn)) floor.drifts.push({ turn: e.body.turn, began: e, moves })
    return { ...e, kind: 'side-started' }
  }
  if (e.kind !== 'ended') return null
  const turn = floor.turns.get(e.body.turn)
  if (!turn || turn.end !== null) return null
  return turn.kind === 'side' ? { ...e, kind: 'side-ended' } : e
}

// land ends turns that drift, as far as an entry says so without knowing that they do, or knows it. Those without moves
// were given on a side floor, and are over when its site notes the heal, or the other one where its site has none to note.
function land(floor, e) {
  floor.drifts = floor.drifts.filter(({ turn: id, began, moves }) => {
    const turn = floor.turns.get(id)
    if (!turn || turn.corrected || turn.end !== null && !turn.unsure) return false
    if (!saw(e, began)) return true
    const site = floor.heir(began.journal)
    const knows = moves.length ? moves.some(m => saw(e, m)) : e.kind === 'healed' && (floor.heir(e.journal) === site || !floor.spans.some(s => s.by === site && s.to === null))
    if (knows && turn.end === null) Object.assign(turn, { end: floor.now, unsure: true })
    const over = !knows && moves.length && (e.kind === 'started' || e.kind === 'adjourned' || e.kind === 'ended' && e.body.turn === id)
    if (over) Object.assign(turn, { end: floor.now, unsure: false })
    return !over
  })
}

// A Fold keeps entries in the order of their stamps and the Floor that they fold to. What comes late is put where it
// belongs, and the fold goes on from a copy that was made before.
class Fold {
  entries = []
  whole = new Whole()
  floor = this.begin()
  copies = [] // {n, floor}: the Floor after n entries

  begin() { return Object.assign(new Floor(), { whole: this.whole }) }

  // write adds an entry that comes after all that are here.
  write(e) {
    this.whole.add(e)
    this.apply(e)
  }
  apply(e) {
    const n = this.entries.length
    if (this.floor.heads.size > 1 && n - (this.copies.at(-1)?.n ?? 0) >= Math.max(32, n >> 6)) this.copies.push({ n, floor: this.floor.copy() })
    if (this.copies.length > 24) this.copies = this.copies.filter((_, i) => i > 16 || i % 2 === 0) // of what is long ago, fewer
    this.entries.push(e)
    this.floor.apply(e)
  }

  // hear adds entries that others wrote.
  hear(news) {
    if (!news.length) return
    news.sort(later)
    let from = this.entries.length
    while (from > 0 && later(this.entries[from - 1], news[0]) > 0) from--
    const todo = this.entries.splice(from).concat(news).sort(later)
    if (news.map(e => this.whole.add(e)).includes(true)) from = 0
    if (from === 0 || todo.length > news.length) {
      while (this.copies.length && this.copies.at(-1).n > from) this.copies.pop()
      const last = this.copies.at(-1)
      this.floor = last ? last.floor.copy() : this.begin()
      todo.unshift(...this.entries.splice(last?.n ?? 0))
    }
    for (const e of todo) this.apply(e)
  }
}
