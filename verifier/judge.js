// The verdict: all checks of docs/wire.md, 5, in their order, and the numbers.

// judge reads a record and says {exit, check, where, fault, …}. It throws only when the browser has no cryptography.
async function judge(bytes, knownKey = '') {
  let said
  try {
    said = await examine(bytes, knownKey)
  } catch (e) {
    if (!(e instanceof Fault)) throw e
    return { exit: 1, check: e.check, where: e.where, fault: e.message }
  }
  return said
}

async function examine(bytes, knownKey) {
  const known = knownKey.split(/\s+/).filter(Boolean)
  const files = unzip(bytes), manifest = readManifest(files[0])
  sortOut(files, manifest)
  const record = { journals: manifest.journals, entries: [], addenda: [], checkpoints: 0 }
  for (const j of record.journals) {
    if (known.length && !known.includes(j.key)) throw new Fault('B', 'manifest.json', 'the record is signed with another key than the one that you know')
    j.signer = await readKey(j.key)
    if (!j.signer) throw new Fault('B', 'manifest.json', 'not a key of a site')
    await readJournal(j.entriesFile, manifest, j)
    record.entries = record.entries.concat(j.entries)
    record.addenda = record.addenda.concat(await readAddenda(j.addendaFile, j, j.entries))
  }
  await linkJournals(record.journals)
  for (const j of record.journals) {
    await readCheckpoints(j)
    record.checkpoints += j.notes.length
  }
  record.entries.sort(later)
  record.entries.forEach((e, i) => { e.order = i })
  const texts = new Map(record.addenda.map(a => [`${a.entry.order} ${a.field}`, a.text]))
  const { floor, breaches, unverifiable } = fold(record, texts)
  atTheEnd(floor, record.entries)
  const words = checkWords(floor, record.entries, record.addenda, manifest.kind)
  const first = breaches[0]
  return {
    exit: first ? 2 : 0, check: first ? 'R' : '', where: first?.where ?? '', fault: first?.say ?? '', wrong: breaches.length,
    session: manifest.session, kind: manifest.kind, knownKey: known.length > 0, entries: record.entries, addenda: record.addenda.length, checkpoints: record.checkpoints,
    signedAt: Math.min(...record.journals.map(j => j.signed)), unsigned: record.journals.filter(j => !j.wholly).map(j => j.name), ended: floor.once.has('adjourned'),
    ...numbers(floor), ...severance(floor), unverifiable, ...words, journals: record.journals, floor, texts, breaches,
  }
}

// calls is whether the command that begins with entry i calls somebody.
function calls(entries, i) {
  for (;; i++) {
    if (entries[i].kind === 'called') return true
    if (!entries[i].more) return false
  }
}

// fold judges each journal by what its site had seen, and gives the story of all.
function fold({ journals, entries }, texts) {
  const told = { breaches: [], unverifiable: 0 }
  const folds = journals.map(j => judgeAlone(j, journals, texts, told))
  if (journals.length === 1) return { floor: folds[0].floor, ...told }
  const story = new Floor()
  story.whole = new Whole()
  for (const e of entries) story.whole.add(e)
  for (const e of entries) story.apply(e)
  stands(story, entries.at(-1))
  return { floor: story, ...told }
}

// stands throws what must not be after an entry.
function stands({ idle, conflict, doubles }, e) {
  if (idle) throw new Fault('F', idle.where, `“${idle.kind}” finds nothing to change`)
  if (conflict) throw new Fault('F', conflict.where, `“${conflict.kind}” is about the main floor, and the gavel is elsewhere`)
  if (doubles) throw new Fault('F', e.where, 'two tickets of the line are of one person')
}

// judgeAlone folds a journal, and of the others what its site had seen; each entry is judged in the state before it.
function judgeAlone({ entries }, journals, texts, told) {
  const fold = new Fold(), groups = new Groups(texts), had = new Map()
  entries.forEach((e, i) => {
    if (!entries[i - 1]?.more) {
      fold.hear(e.view.flatMap(v => journals.find(j => j.name === v.journal).entries.slice(had.get(v.journal) ?? 0, v.n)))
      for (const v of e.view) had.set(v.journal, v.n)
      if (fold.floor.settings.ties && calls(entries, i)) groups.look(fold.floor)
    }
    const { floor } = fold
    floor.now = e.stamp.at
    const say = breach(floor, e, (tickets, stored) => {
      if (groups.known || stored.length !== tickets.length) return groups.of(tickets)
      told.unverifiable++
      return stored
    })
    if (say) told.breaches.push({ where: e.where, say, order: e.order, at: e.stamp.at, kind: e.kind })
    fold.write(e)
    stands(floor, e)
  })
  return fold
}

// atTheEnd asks what must be true of all turns together.
function atTheEnd(floor, entries) {
  const where = t => entries[t.order].where
  const calls = new Set()
  const main = [...floor.turns.values()].filter(t => t.kind !== 'side')
  for (const t of main) {
    if (t.call && calls.has(t.call)) throw new Fault('F', where(t), 'a call has two turns')
    calls.add(t.call)
  }
  const turns = main.sort((a, b) => a.start - b.start || (a.end ?? Infinity) - (b.end ?? Infinity))
  turns.forEach((t, i) => {
    const next = turns[i + 1]
    if (next && (t.end === null || t.start + lengthOf(t, t.end) > next.start)) throw new Fault('F', where(next), 'two people had the floor at once')
  })
}

// numbers are what a verdict prints beside itself.
function numbers(floor) {
  const rule = floor.rule, tickets = [...floor.tickets.values()], turns = [...floor.turns.values()], calls = [...floor.calls.values()], now = floor.now
  const out = { lead: 0, mostLead: 0, longestRun: 0, excess: 0, overrides: {}, corrections: 0, resumes: 0, leads: [] }
  const sum = balance(floor, (at, { lead, run }, turn) => {
    out.mostLead = Math.max(out.mostLead, Math.abs(lead))
    out.longestRun = Math.max(out.longestRun, run)
    out.leads.push({ at, lead, turn })
  })
  for (const turn of turns.filter(t => charged(t.kind))) {
    const w = waited(floor, turn, now), call = floor.calls.get(turn.call)
    if (!turn.override && !turn.corrected && !call?.across) out.excess += Math.max(0, w - rule.L)
    else if (w > 0) out.excess += w + Math.max(0, rule.Q - lengthOf(turn, now))
  }
  out.lead = sum.lead
  out.leadBound = rule.B + rule.L
  out.runBound = (rule.R + 1) * rule.L
  out.passedBound = rule.K
  out.mostPassed = tickets.reduce((n, t) => Math.max(n, t.most), 0)
  out.calls = calls.filter(c => !c.override && !c.tour).length
  const over = [...calls, ...turns.filter(t => charged(t.kind) && !t.call && !t.added)].map(x => x.override).filter(Boolean)
  for (const c of [...over, ...floor.changes.map(() => 'other')]) out.overrides[c] = (out.overrides[c] ?? 0) + 1
  out.corrections = turns.filter(t => t.corrected).length
  out.resumes = floor.resumes
  out.delayed = tickets.filter(t => t.ago).length
  const late = tickets.filter(t => t.late)
  out.late = late.length
  out.lateOpen = late.filter(t => floor.live(t)).length
  out.lateUntil = floor.adjournedAt === null ? 0 : floor.adjournedAt + floor.settings.lateDays * 86400000
  const began = new Map(turns.filter(t => t.ticket).map(t => [t.ticket, t.start]))
  for (const side of sides) {
    const own = tickets.filter(t => t.side === side && !t.late), spoken = turns.filter(t => t.side === side && charged(t.kind))
    const heard = own.filter(t => began.has(t.id))
    const waits = heard.map(t => Math.max(0, began.get(t.id) - Math.max(t.asked, floor.startedAt ?? 0))).sort((a, b) => a - b), k = waits.length
    out[side] = {
      turns: spoken.length, ms: spoken.reduce((n, t) => n + lengthOf(t, now), 0), asks: own.length,
      heard: k, notReached: own.filter(t => !began.has(t.id) && (floor.live(t) || t.end === 'not reached')).length,
      meanWait: k ? Math.floor(waits.reduce((n, w) => n + w, 0) / k) : 0, medianWait: k ? waits[Math.floor((k - 1) / 2)] : 0,
      wait90: k ? waits[Math.floor((9 * k + 9) / 10) - 1] : 0, mostWait: k ? waits[k - 1] : 0,
    }
  }
  return out
}

// severance are the numbers of a session on several sites.
function severance(floor) {
  const spans = [] // where two cuts overlap, it is one stretch
  for (const { from, to } of floor.spans) {
    const end = to ?? floor.now, last = spans.at(-1)
    if (last && from <= last.to) last.to = Math.max(last.to, end)
    else spans.push({ from, to: end })
  }
  return {
    cuts: floor.spans.length, spans, cutMs: spans.reduce((n, s) => n + s.to - s.from, 0), epochs: floor.gavel.epoch, takeOvers: floor.takeOvers, forgiven: floor.ledger.filter(row => row.forgiven).length,
    sideTurns: [...floor.turns.values()].filter(t => t.kind === 'side').length, meanwhile: floor.meanwhile, repeats: floor.repeats,
  }
}
