// The page: choose a file, hear the verdict, read the story. Records hold the words of strangers, so everything becomes
// text, never markup, and stands apart from the direction of the text around it.

const mostRows = 3000

const $ = id => document.getElementById(id)

function make(name, attributes = {}, ...inside) {
  const e = document.createElement(name)
  for (const [k, v] of Object.entries(attributes)) if (v !== undefined && v !== false) e.setAttribute(k, v)
  e.append(...inside)
  return e
}

const code = text => make('bdi', { class: 'code' }, text)
const time = ms => make('span', { class: 'time' }, clock(ms))
const section = (key, ...inside) => make('section', {}, make('h2', {}, say(key)), ...inside)

function table(head, rows, numbers, attributes = {}) {
  return make('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': head[0] || say('figures') },
    make('table', attributes, make('thead', {}, make('tr', {}, ...head.map((h, i) => make('th', { scope: 'col', class: numbers.includes(i) && 'number' }, h)))), make('tbody', {}, ...rows)))
}

// showVerdict fills the page with what is said about a file.
function showVerdict(v) {
  $('said').replaceChildren(make('p', { class: 'verdict', 'data-exit': v.exit }, say(['holds', 'broken', 'unruly'][v.exit])))
  const facts = []
  if (v.exit) {
    if (v.exit === 2) facts.push(make('p', {}, say('wrong', { n: count(v.wrong) })))
    facts.push(make('p', { class: 'refusal' }, say('where', { place: v.where }), make('br'), say('fault', { what: v.fault })))
  }
  facts.push(make('p', { class: 'soft' }, say('exit', { n: v.exit })))
  if (v.exit === 1) {
    $('shown').replaceChildren(...facts, showChecks(v))
    return
  }
  facts.push(make('p', {}, say('of', { session: v.session, kind: say(v.kind), entries: count(v.entries.length), addenda: count(v.addenda), checkpoints: count(v.checkpoints), t: clock(v.signedAt) }), ' ', say(v.ended ? 'ended' : 'running')))
  if (v.journals.length === 1) facts.push(make('p', {}, say('signer'), ' ', code(v.journals[0].key), make('br'), say(v.knownKey ? 'known' : 'unknown')))
  else facts.push(...showSites(v))
  $('shown').replaceChildren(...facts, showChecks(v), showFigures(v), showPicture(v), showStory(v), showWitnesses(v))
}

// showSites names each site with its key, and which of them did not sign all that is here.
function showSites(v) {
  const row = j => make('li', {}, code(siteOf(j.name)), ' ', code(j.key), ...(v.unsigned.includes(j.name) ? [' — ', make('strong', {}, say('unsigned'))] : []))
  return [make('p', {}, say('signers')), make('ul', {}, ...v.journals.map(row)), make('p', {}, say(v.knownKey ? 'known' : 'unknown'))]
}

function showChecks(v) {
  const letters = [...'ABCDEFGR'], bad = v.check ? letters.indexOf(v.check) : letters.length
  return section('checks', make('ul', {}, ...letters.map((c, i) => {
    const how = i < bad ? 'fine' : i === bad ? 'failed' : 'skipped'
    return make('li', { class: how === 'failed' && 'fails' }, say('check-' + c), ' — ', make('b', {}, say(how)))
  })))
}

function showFigures(v) {
  const row = (key, show) => make('tr', {}, make('th', { scope: 'row' }, say(key)), ...sides.map(s => make('td', { class: 'number' }, show(v[s]))))
  const bySide = table([say('sides'), ...sides.map(s => say('side.' + s))], [
    row('turns', s => count(s.turns)), row('time', s => time(s.ms)), row('asks', s => count(s.asks)), row('heard', s => count(s.heard)), row('not-reached', s => count(s.notReached)),
    row('wait-mean', s => time(s.meanWait)), row('wait-median', s => time(s.medianWait)), row('wait-90', s => time(s.wait90)), row('wait-most', s => time(s.mostWait)),
  ], [1, 2])
  const one = (key, value) => make('tr', {}, make('th', { scope: 'row' }, say(key)), make('td', {}, value))
  const within = (d, bound) => say('within', { d, bound })
  const classes = Object.entries(v.overrides).sort(([a], [b]) => before(a, b)).map(([c, n]) => `${nameOf(c)} ${count(n)}`)
  const rest = make('table', {}, make('caption', { hidden: '' }, say('all')), make('tbody', {},
    one('most-lead', within(clock(v.mostLead), clock(v.leadBound))), one('lead-end', leadAtTheEnd(v)),
    one('longest-run', within(clock(v.longestRun), clock(v.runBound))), one('excess', time(v.excess)),
    one('most-passed', within(count(v.mostPassed), count(v.passedBound))), one('calls', count(v.calls)),
    one('overrides', classes.join(' · ') || say('none')), one('corrections', count(v.corrections)), one('crashes', count(v.resumes)), one('delayed', count(v.delayed)), one('cuts', count(v.cuts)),
    ...(v.journals.length === 1 ? [] : [
      one('cut-time', time(v.cutMs)), one('gavel', say('gavel-went', { n: count(Math.max(0, v.epochs - 1)), m: count(v.takeOvers) })), one('forgiven', count(v.forgiven)),
      one('side-turns', count(v.sideTurns)), one('meanwhile', count(v.meanwhile)), one('repeats', count(v.repeats))]),
    one('erased', count(v.erased)), one('withheld', count(v.withheld)), one('unverifiable', count(v.unverifiable))))
  return section('figures', bySide, make('h3', {}, say('all')), rest)
}

function showPicture(v) {
  if (!v.leads.length) return section('picture', make('p', {}, say('picture-none')))
  return section('picture', make('p', { class: 'soft' }, say('picture-means'), ...(v.spans.length ? [' ', say('picture-cuts')] : [])), make('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': say('picture') }, drawLead(v)))
}

// story lists, in order of time, every turn, every call without one, every change of the dials, cuts, where the gavel went,
// and what broke the rule.
function story(v) {
  const rows = [], { floor } = v, turned = new Map(), wrong = new Map(v.breaches.map(b => [b.order, b]))
  for (const t of floor.turns.values()) {
    const call = floor.calls.get(t.call)
    if (call) turned.set(call.id, t)
    rows.push({ at: t.start, order: t.order, orders: [t.order, call?.order], person: t.person, side: t.side, kind: 'turn.' + t.kind, ms: lengthOf(t, floor.now), turn: t, call })
  }
  for (const c of floor.calls.values()) {
    if (!turned.has(c.id)) rows.push({ at: c.at, order: c.order, orders: [c.order], person: c.person, side: c.side, kind: c.missed ? 'miss' : 'call', call: c })
  }
  for (const d of floor.changes) rows.push({ at: d.at, order: d.order, orders: [d.order], kind: 'dials' })
  for (const c of floor.spans) rows.push({ at: c.from, order: c.entry.order, orders: [c.entry.order], kind: 'row-cut', values: { far: siteOf(c.far) }, ms: (c.to ?? floor.now) - c.from, cut: c })
  for (const d of floor.deeds) rows.push({ at: d.at, order: d.order, orders: [d.order], kind: 'row-' + d.kind, values: { to: d.to ? siteOf(d.to) : '' }, class: d.class })
  const told = new Set(rows.flatMap(r => r.orders))
  for (const b of v.breaches) if (!told.has(b.order)) rows.push({ at: b.at, order: b.order, orders: [b.order], kind: b.kind })
  for (const r of rows) r.wrong = r.orders.map(o => wrong.get(o)).filter(Boolean)
  return rows.sort((a, b) => a.at - b.at || a.order - b.order)
}

function showStory(v) {
  const rows = story(v)
  const head = ['at', 'who', 'side', 'kind', 'length', 'why', ...(v.journals.length > 1 ? ['site'] : [])].map(k => say(k))
  const shown = rows.slice(0, mostRows).map(r => {
    const kind = Object.hasOwn(tables.en, r.kind) ? say(r.kind, r.values) : r.kind
    const notes = [r.turn?.added ? say('added') : r.turn?.corrected ? say('corrected') : '', r.turn?.end === null ? say('runs') : r.turn && doubtful(r.turn, v.floor.now) ? say('unsure') : '', r.cut?.to === null ? say('cut-open') : ''].filter(Boolean)
    const why = []
    if (r.class) why.push(say('override', { class: nameOf(r.class) }))
    if (r.call) why.push(reason(r.call.why, r.call.override))
    for (const w of r.wrong) why.push(make('strong', {}, say('against', { what: w.say })))
    return make('tr', { class: r.wrong.length > 0 && 'against' },
      make('td', {}, time(r.at)), make('td', {}, ...who(v, r)), make('td', {}, ...(r.side ? [make('span', { class: 'side ' + r.side }, say('side.' + r.side))] : [])),
      make('td', {}, [kind, ...notes].join(' · ')), make('td', { class: 'number' }, ...(r.ms === undefined ? [] : [time(r.ms)])), make('td', {}, ...why.flatMap(w => [w, ' '])),
      ...(v.journals.length > 1 ? [make('td', {}, code(siteOf(v.entries[r.order].journal)))] : []))
  })
  const out = [make('p', { class: 'soft' }, say('story-means')), table(head, shown, [4], { class: 'story' })]
  if (rows.length > mostRows) out.push(make('p', {}, say('more', { n: count(rows.length - mostRows) })))
  return section('story', ...out)
}

// showWitnesses asks for what people hold in their hands.
function showWitnesses(v) {
  const ask = (id, key, field, answer) => {
    const told = make('p', { role: 'status' })
    field.id = id
    const form = make('form', {}, make('p', { class: 'field' }, make('label', { for: id }, say(key)), field), make('p', {}, make('button', {}, say('look'))), told)
    form.addEventListener('submit', async e => {
      e.preventDefault()
      told.textContent = say('looking')
      told.textContent = await answer(field.value)
    })
    return form
  }
  return section('witnesses', make('p', { class: 'soft' }, say('witnesses-means')),
    ask('code', 'code', make('input', { dir: 'ltr', autocomplete: 'off', spellcheck: 'false' }), text => tellCode(v, text)),
    ask('receipt', 'receipt', make('textarea', { dir: 'ltr', rows: '6', spellcheck: 'false' }), text => tellReceipt(v, text)))
}

async function tellCode(v, text) {
  const { unread, journal, found } = await findCode(v.journals, text)
  if (unread !== undefined) return say('code-unread', { what: unread })
  if (!found.length) return say('code-strange')
  const [w] = found
  const told = say('code-found', { from: clock(w.shown), until: w.gone === null ? clock(v.floor.now) : clock(w.gone), n: count(w.n) })
  return v.journals.length === 1 ? told : `${told} ${say('code-site', { site: siteOf(journal) })}`
}

async function tellReceipt(v, text) {
  const r = await judgeReceipt(v, text)
  if (r.how !== 'kept') return say('receipt-' + r.how)
  const t = r.ticket, turn = t && v.floor.turns.get(t.turn)
  const end = turn ? say('end-heard', { d: clock(turn.start) }) : t && Object.hasOwn(tables.en, 'end-' + t.end.replace(' ', '-')) ? say('end-' + t.end.replace(' ', '-')) : t ? say('end-open') : ''
  return say('receipt-kept', { d: clock(r.at) }) + ' ' + end
}

// siteOf is the name of a site, as its journal has it.
const siteOf = journal => journal.slice(journal.indexOf('/') + 1)

// who is the name that lies in the record, if one does, and the pseudonym.
function who(v, { person: id, turn }) {
  if (!id) return turn ? [say('somebody')] : []
  const order = v.floor.people.get(id)?.words.get('name'), name = order === undefined ? '' : v.texts.get(`${order} name`)
  return name ? [make('bdi', {}, name), ' ', code(id)] : [code(id)]
}

let last = null // what was judged last: {file, verdict}

async function judgeFile(file) {
  const now = last = { file }
  $('shown').replaceChildren()
  $('said').replaceChildren(make('p', {}, say('reading', { file: file.name })))
  try {
    if (!globalThis.crypto?.subtle) throw new Refusal('no-crypto')
    const bytes = file.size > mostBytes ? new Uint8Array(mostBytes + 1) : new Uint8Array(await file.arrayBuffer())
    now.verdict = await judge(bytes, $('key').value.trim())
  } catch (e) {
    now.failed = e
  }
  if (last === now) show()
}

class Refusal extends Error {}

function show() {
  if (!last) return
  if (last.verdict) return showVerdict(last.verdict)
  if (!last.failed) return
  $('shown').replaceChildren()
  const text = last.failed instanceof Refusal ? say(last.failed.message) : say('puzzled', { file: last.file.name, what: last.failed.message })
  $('said').replaceChildren(make('p', { class: 'refusal' }, text))
}

function speak(own) {
  language = own
  document.documentElement.lang = own
  document.documentElement.dir = own === 'ar' ? 'rtl' : 'ltr'
  document.title = say('page')
  $('language').value = own
  for (const e of document.querySelectorAll('[data-say]')) e.textContent = say(e.dataset.say)
  show()
}

$('language').addEventListener('change', e => speak(e.target.value))
$('ask').addEventListener('submit', e => e.preventDefault())
$('file').addEventListener('change', e => { if (e.target.files[0]) judgeFile(e.target.files[0]) })
$('key').addEventListener('change', () => { if (last) judgeFile(last.file) })
document.addEventListener('dragover', e => {
  e.preventDefault()
  document.body.classList.add('over')
})
document.addEventListener('dragleave', e => { if (!e.relatedTarget) document.body.classList.remove('over') })
document.addEventListener('drop', e => {
  e.preventDefault()
  document.body.classList.remove('over')
  const [file] = e.dataTransfer.files
  if (file) judgeFile(file)
})
speak(choose(navigator.languages))
if (!globalThis.crypto?.subtle) $('said').replaceChildren(make('p', { class: 'refusal' }, say('no-crypto')))
