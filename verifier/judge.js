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
  const files = unzip(bytes), manifest = readManifest(files[0])
  sortOut(files, manifest)
  const record = { manifest, journals: [], entries: [], addenda: [], signedAt: 0, checkpoints: 0 }
  for (const j of manifest.journals) {
    if (knownKey && j.key !== knownKey) throw new Fault('B', 'manifest.json', 'the record is signed with another key than the one that you know')
    const { entries, rows } = await readJournal(j.entriesFile, manifest, j)
    record.entries = record.entries.concat(entries)
    record.journals.push({ name: j.name, key: j.key, entries, head: base64url(await sha256(rows.at(-1))) })
    record.addenda = record.addenda.concat(await readAddenda(j.addendaFile, j, entries))
    record.signedAt = Math.max(record.signedAt, await readCheckpoints(j, entries, rows))
    record.checkpoints += j.notes.length
  }
  record.entries.sort((a, b) => a.stamp.at - b.stamp.at || a.stamp.count - b.stamp.count || before(a.stamp.site, b.stamp.site))
  record.entries.forEach((e, i) => { e.order = i })
  const texts = new Map(record.addenda.map(a => [`${a.entry.order} ${a.field}`, a.text]))
  const { floor, breaches, unverifiable } = fold(record.entries, texts)
  atTheEnd(floor, record.entries)
  const words = checkWords(floor, record.entries, record.addenda, manifest.kind)
  const first = breaches[0]
  return {
    exit: first ? 2 : 0, check: first ? 'R' : '', where: first?.where ?? '', fault: first?.say ?? '', wrong: breaches.length,
    session: manifest.session, kind: manifest.kind, key: manifest.journals[0].key, knownKey: knownKey !== '', entries: record.entries.length, addenda: record.addenda.length, checkpoints: record.checkpoints,
    signedAt: record.signedAt, ended: floor.once.has('adjourned'), ...numbers(floor), unverifiable, ...words, journals: record.journals, floor, texts, breaches,
  }
}

// calls is whether the command that begins with entry i calls somebody.
function calls(entries, i) {
  for (;; i++) {
    if (entries[i].kind === 'called') return true
    if (!entries[i].more) return false
  }
}

// fold applies the entries in order; each call is judged in the state before it.
function fold(entries, texts) {
  const floor = new Floor(), breaches = [], groups = new Groups(texts)
  let unverifiable = 0
  entries.forEach((e, i) => {
    if (!entries[i - 1]?.more && floor.settings?.ties && calls(entries, i)) groups.look(floor)
    floor.now = e.stamp.at
    const say = breach(floor, e, (tickets, stored) => {
      if (groups.known || stored.length !== tickets.length) return groups.of(tickets)
      unverifiable++
      return stored
    })
    if (say) breaches.push({ where: e.where, say, order: i, at: e.stamp.at, kind: e.kind })
    try {
      floor.apply(e, i)
    } catch (x) {
      if (!(x instanceof Nothing)) throw x
      throw new Fault('F', e.where, `“${e.kind}” finds nothing to change`)
    }
    if (floor.doubles) throw new Fault('F', e.where, 'two tickets of the line are of one person')
  })
  return { floor, breaches, unverifiable }
}

// atTheEnd asks what must be true of all turns together.
function atTheEnd(floor, entries) {
  const where = t => entries[t.order].where
  const calls = new Set()
  for (const t of floor.turns.values()) {
    if (t.call && calls.has(t.call)) throw new Fault('F', where(t), 'a call has two turns')
    calls.add(t.call)
  }
  const turns = [...floor.turns.values()].sort((a, b) => a.start - b.start || (a.end ?? Infinity) - (b.end ?? Infinity))
  turns.forEach((t, i) => {
    const next = turns[i + 1]
    if (next && (t.end === null || t.start + lengthOf(t, t.end) > next.start)) throw new Fault('F', where(next), 'two people had the floor at once')
  })
}

// numbers are what a verdict prints beside itself.
function numbers(floor) {
  const rule = floor.rule, tickets = [...floor.tickets.values()], turns = [...floor.turns.values()], calls = [...floor.calls.values()], now = floor.now
  const out = { cuts: 0, lead: 0, mostLead: 0, longestRun: 0, excess: 0, overrides: {}, corrections: 0, resumes: 0, leads: [] }
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
