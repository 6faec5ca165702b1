/**
 * The script of all screens: keeps the live region new, sends forms, counts clocks, says how old the page is.
 * It holds no words; every sentence stands in a data attribute. The contracts are in doc.go.
 */
const root = document.documentElement
const find = (/** @type {string} */ q, from = document) => from.querySelector(q)
const all = (/** @type {string} */ q, from = document) => [...from.querySelectorAll(q)]
const policy = window.trustedTypes?.createPolicy('om', {createHTML: s => s}) ?? {createHTML: s => s}
/** @param {string} html @returns {Document} a page parsed aside; its scripts never run */
const parse = html => new DOMParser().parseFromString(policy.createHTML(html), 'text/html')
/** @param {string} [words] @param {Record<string, unknown>} values fills {name} in words of the server */
const fill = (words, values) => (words ?? '').replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all)

// Putting a new view in

/** @param {Node} n what an element is known by among its siblings; not n.id, which may be a form's field */
const key = n => n.dataset?.key ?? n.getAttribute?.('id') ?? null
/** @param {Node} a @param {Node} b whether a may become b */
const alike = (a, b) => a.nodeType === b.nodeType && a.nodeName === b.nodeName && key(a) === key(b)

/**
 * Makes the element a equal to b with as few changes as possible. Elements with the same key stay the
 * same elements, so focus, half-typed text and open details survive.
 * @param {Element} a @param {Element} b
 */
export function morph(a, b) {
  if (a.hasAttribute('data-keep') && b.hasAttribute('data-keep')) return
  // A form goes on saying what was wrong with it.
  if (a.dataset?.error && a.textContent && !b.textContent) return
  for (const {name} of [...a.attributes]) {
    // What the reader opened stays open.
    if (!b.hasAttribute(name) && !/^(open|aria-(busy|invalid))$/.test(name)) a.removeAttribute(name)
  }
  for (const {name, value} of b.attributes) if (a.getAttribute(name) !== value) a.setAttribute(name, value)
  const keyed = new Map()
  for (const n of a.childNodes) if (key(n) && !keyed.has(key(n))) keyed.set(key(n), n)
  const wanted = new Set()
  for (const n of b.childNodes) wanted.add(key(n))
  let here = a.firstChild
  for (const n of [...b.childNodes]) {
    // Whoever is not wanted any more makes way, so that the others need not move.
    while (here && key(here) && !wanted.has(key(here))) here = drop(here)
    const k = key(n)
    let old = k ? keyed.get(k) : here
    if (k) keyed.delete(k)
    if (old && !alike(old, n)) old = null
    if (!old) a.insertBefore(document.importNode(n, true), here)
    else {
      if (old === here) here = here.nextSibling
      else if (a.moveBefore) a.moveBefore(old, here)
      else a.insertBefore(old, here)
      if (old.nodeType === 1) morph(old, n)
      else if (old.nodeValue !== n.nodeValue) old.nodeValue = n.nodeValue
    }
  }
  while (here) here = drop(here)
}

/** @param {ChildNode} n @returns {ChildNode|null} the sibling after it */
function drop(n) {
  const next = n.nextSibling
  n.remove()
  return next
}

/** Morphs, and gives the focus back where moving took it. @param {Element} a @param {Element} b */
function renew(a, b) {
  const was = document.activeElement
  const [from, to] = [was?.selectionStart, was?.selectionEnd]
  morph(a, b)
  if (was?.isConnected && was !== document.activeElement && a.contains(was)) {
    was.focus({preventScroll: true})
    if (from != null) was.setSelectionRange(from, to)
  }
}

// The stream

const live = find('[data-live]')
const banner = find('[data-banner]')
let source, newest = live?.dataset.version ?? '', last = '', waiting = null, failures = 0
/** What the stream says in one letter. @type {Record<string, string>} */
let phrases = {}
let heard = Date.now(), tried = heard, offset = 0, hiding, reopening

/** @param {'live'|'catching-up'|'cut'|'stale'|'refused'} s */
function state(s) {
  if (s === 'cut' && Date.now() - heard > 120e3) s = 'stale'
  root.dataset.state = s
  const time = new Date(heard).toLocaleTimeString(root.lang, {hour: '2-digit', minute: '2-digit', hourCycle: 'h23'})
  const words = fill(banner?.getAttribute('data-' + s), {time})
  if (banner && banner.textContent !== words) banner.textContent = words
  if (banner) banner.hidden = !words
  // For paper: what is printed says of when it is.
  const asof = find('[data-asof]')
  if (asof) asof.textContent = fill(asof.dataset.asof, {time})
}

function open() {
  clearTimeout(reopening)
  source?.close()
  tried = Date.now()
  if (!failures) root.dataset.state = 'catching-up'
  const s = source = new EventSource(live.dataset.live)
  s.addEventListener('now', e => { offset = e.data - Date.now(); hear(); resume() })
  s.addEventListener('phrases', e => { phrases = Object.fromEntries(e.data.split('\n').map(p => p.split('\t'))) })
  s.onmessage = e => {
    hear()
    const [site, version] = split(e.lastEventId), [mine, shown] = split(newest)
    if (site === mine && version < shown) return state('catching-up')
    state('live')
    failures = 0
    newest = e.lastEventId
    const view = e.data.replace(/[\x01-\x1e]|\x1f./g, c => phrases[c] ?? c)
    if (view === last) return
    last = view
    // Frames are not drawn in a hidden tab, but a call must be heard there.
    if (waiting === null) document.hidden ? queueMicrotask(apply) : requestAnimationFrame(apply)
    waiting = view
  }
  // The browser would wait as long as it likes, and give up after an HTTP error: so again from here.
  s.onerror = () => lost()
}
const hear = () => { heard = Date.now() }
/** @param {string} id @returns {[string, number]} */
const split = id => [id.slice(0, id.lastIndexOf(':')), +id.slice(id.lastIndexOf(':') + 1)]

async function lost() {
  source?.close()
  clearTimeout(reopening)
  reopening = setTimeout(open, Math.min(30e3, 500 * 2 ** failures++) * (0.5 + Math.random()))
  if (root.dataset.state !== 'refused') state('cut')
  if (failures < 2) return
  // Down, or up and not for us any more?
  const r = await fetch(location.href, {method: 'HEAD', cache: 'no-store'}).catch(() => null)
  if (source.readyState === 2) state(r && (r.redirected || [401, 403, 404, 410].includes(r.status)) ? 'refused' : 'cut')
}

function apply() {
  if (waiting === null) return
  const next = live.cloneNode(false)
  next.append(...parse(waiting).body.childNodes)
  waiting = null
  live.dataset.version = next.dataset.version = newest
  renew(live, next)
  mine()
  tick()
}

if (live) {
  open()
  setInterval(() => {
    if (source.readyState !== 2 && Date.now() - Math.max(heard, tried) > 45e3) lost()
    else if (/cut|stale/.test(root.dataset.state)) state('cut')
  }, 5e3)
  addEventListener('online', () => { failures = 0; open() })
  // A page that was left may be kept for "back" with its stream open; six of those and the next page would not load.
  addEventListener('pagehide', () => { clearTimeout(reopening); source.close() })
  addEventListener('pageshow', e => e.persisted && open())
  document.addEventListener('visibilitychange', () => {
    clearTimeout(hiding)
    if (!document.hidden) { if (source.readyState === 2) { failures = 0; open() } }
    else {
      apply()
      hiding = setTimeout(() => { if (!rows().length) { clearTimeout(reopening); source.close() } }, 60e3)
    }
  })
}

// What is mine

let had = null, alerted = ''
const ids = () => (find('[data-mine]')?.dataset.mine ?? '').split(/\s+/).filter(Boolean)
/** @returns {HTMLElement[]} for each key of mine all that is told to it, in the order of the page */
const rows = () => ids().map(id => {
  const row = document.createElement('div'), k = CSS.escape(id)
  for (let told of all(`[data-rows] > [data-key="${k}"], [data-order~="${k}"]`)) {
    const order = told.dataset.order?.split(' ')
    if (order) told = told.children[order.indexOf(id)] ?? told.lastElementChild
    row.dataset.key = id
    if (told.dataset.alert) row.dataset.alert = told.dataset.alert
    if (told.dataset.fresh) row.dataset.fresh = told.dataset.fresh
    row.append(...told.cloneNode(true).childNodes)
  }
  for (const ticket of all('[name=ticket][value=""]', row)) ticket.setAttribute('value', id)
  return row
}).filter(key)

/** @param {HTMLElement[]} own @returns {string} what changes when the parts that are only mine may have changed */
const standing = own => [...own.map(row => key(row) + (row.dataset.fresh ?? '')), ...all('[data-live] [data-fresh]:not([data-rows] *)').map(e => e.dataset.fresh)].join(' ')

function mine() {
  const own = rows(), now = standing(own)
  for (const place of all('[data-mine]')) {
    const next = place.cloneNode(false)
    next.append(...own.map(row => row.cloneNode(true)))
    if (own.length || had) renew(place, next)
  }
  // Many rows may go at once, when a line closes: the pages are not fetched in the same moment.
  if (had !== null && had !== now) setTimeout(fetchOwn, 1000 * Math.random())
  had = now
  const calling = own.find(r => r.dataset.alert === 'called') ?? own.find(r => r.dataset.alert)
  const alert = calling ? key(calling) + calling.dataset.alert : ''
  if (calling) root.dataset.alert = calling.dataset.alert
  else delete root.dataset.alert
  if (alert && alert !== alerted) {
    say((find('p', calling) ?? calling).textContent.trim().replace(/\s+/g, ' '), true)
    // Browsers complain about a page that shakes before its reader has touched it.
    if (navigator.userActivation?.hasBeenActive ?? true) navigator.vibrate?.([300, 150, 300])
    if (!find('[data-mine][data-quiet]')) beep()
  }
  alerted = alert
}

async function fetchOwn() {
  if (!find('[data-own]')) return
  const r = await fetch(location.href, {cache: 'no-store', headers: {Accept: 'text/html'}}).catch(() => null)
  if (!r?.ok) return
  const page = parse(await r.text())
  for (const part of all('[data-own]')) {
    const next = page.getElementById(part.id)
    if (next) renew(part, next)
  }
  had = standing(rows())
  mine()
  tick()
}

let audio
for (const gesture of ['pointerdown', 'keydown']) {
  // Browsers let a page sound only after its reader has touched it.
  addEventListener(gesture, () => { if (find('[data-mine]')) { audio ??= new AudioContext(); audio.resume() } }, {once: true})
}
function beep() {
  if (!audio) return
  const tone = audio.createOscillator(), loud = audio.createGain(), t = audio.currentTime
  tone.frequency.setValueAtTime(660, t)
  tone.frequency.setValueAtTime(880, t + 0.2)
  loud.gain.setValueAtTime(0.2, t)
  loud.gain.linearRampToValueAtTime(0, t + 0.6)
  tone.connect(loud).connect(audio.destination)
  tone.start(t)
  tone.stop(t + 0.6)
}

// Clocks

/** @param {number} seconds */
function clock(seconds) {
  const two = n => String(n).padStart(2, '0')
  const s = Math.abs(seconds), h = Math.floor(s / 3600), m = Math.floor(s / 60) % 60
  return (seconds < 0 ? '−' : '') + (h ? h + ':' + two(m) : m) + ':' + two(s % 60)
}
/** The server's time. What a phone's clock is off by falls out of it, also when it was set right meanwhile: each stream tells anew. */
const served = () => Date.now() + offset
function tick() {
  const now = served()
  for (const t of all('[data-until],[data-since]')) {
    const until = t.dataset.until, left = until ? Math.ceil((until - now) / 1000) : Math.floor((now - t.dataset.since) / 1000)
    const text = clock(until ? left : Math.max(0, left))
    if (t.textContent !== text) t.textContent = text
    if (until) t.toggleAttribute('data-over', left < 0)
  }
}
setInterval(tick, 250)

// Forms

/** @param {string} sentence shown and spoken; the same one twice is spoken twice @param {boolean} [shown] it stands on the page */
function say(sentence, shown = false) {
  const said = find('#said')
  said.classList.toggle('sr', shown)
  said.textContent = ''
  requestAnimationFrame(() => { said.textContent = sentence })
  if (document.hidden) said.textContent = sentence
}
addEventListener('say', e => say(e.detail))
// randomUUID is not there on plain HTTP.
const freshId = () => [...crypto.getRandomValues(new Uint8Array(16))].map(b => b.toString(16).padStart(2, '0')).join('')
/** Presses under way or just made, and those whose answer is unknown: action → when, what → id. */
const pressed = new Map(), unknown = new Map()
const pause = ms => new Promise(done => setTimeout(done, ms))

/**
 * @param {HTMLFormElement} form @param {HTMLElement|null} button
 * @param {string} [id] it had before this page was loaded @param {number} [when] it was pressed, on the server's clock
 */
async function press(form, button, id, when = served()) {
  const to = button?.getAttribute('formaction') ?? form.getAttribute('action') ?? ''
  const name = form.dataset.press ?? to
  if (!('again' in form.dataset) && pressed.get(name) > Date.now() - 600) return
  pressed.set(name, Infinity)
  const began = Date.now(), data = new FormData(form, button)
  data.delete('id')
  const what = to + '?' + new URLSearchParams(data)
  id ??= unknown.get(what) ?? freshId()
  unknown.delete(what)
  data.set('id', id)
  const kept = form.dataset.kept
  if (kept) sessionStorage.omKept = JSON.stringify([id, when, [...data]])
  form.setAttribute('aria-busy', 'true')
  let r, n = 0
  for (; n < 4 || kept; n++) {
    if (n && n < 5) say(n < 4 ? document.body.dataset.checking : kept)
    if (n) await pause(n < 4 ? 2 ** n * 500 * (0.5 + Math.random()) : 5e3)
    // Where the stream has worked it is waited for: with it comes the time.
    if (n > 3 && last && root.dataset.state !== 'live') continue
    if (kept) data.set('ago', served() - when)
    r = await fetch(to || location.href, {
      method: 'POST', headers: {Accept: 'application/json'}, signal: AbortSignal.timeout(20e3),
      body: form.enctype === 'multipart/form-data' ? data : new URLSearchParams(data),
    }).catch(() => null)
    if (r && ![502, 503, 504].includes(r.status)) break
  }
  const answer = await r?.clone().json().catch(() => null)
  form.removeAttribute('aria-busy')
  pressed.set(name, began)
  if (kept) delete sessionStorage.omKept
  if (!r || [502, 503, 504].includes(r.status)) {
    unknown.set(what, id)
    return say(answer?.say ?? document.body.dataset.unknown)
  }
  // No JSON: the server answered with a page.
  if (!answer && r.redirected) return location.assign(r.url)
  for (const place of all('[data-error]', form)) {
    place.textContent = answer?.fields?.[place.dataset.error] ?? ''
    const field = form.elements[place.dataset.error]
    if (!place.textContent) field?.removeAttribute?.('aria-invalid')
    else field?.setAttribute?.('aria-invalid', 'true')
  }
  all('[aria-invalid]', form)[0]?.focus()
  if (answer?.say || n || !r.ok) say(answer?.say ?? (r.ok ? '' : document.body.dataset.unknown))
  if (!r.ok) return
  if (!('keepsake' in form.dataset)) form.reset()
  const go = answer?.go ?? data.get('go')
  if (go) return location.assign(go)
  form.closest('details[data-close]')?.removeAttribute('open')
  fetchOwn()
}

/** A press that was kept when the page was left goes on, from the form it was made in. */
function resume() {
  const form = find('[data-kept]'), [id, when, fields] = JSON.parse(form && sessionStorage.omKept || '[]')
  if (pressed.size || !fields?.every(([name]) => form.elements[name])) return
  for (const [name, value] of fields) form.elements[name].value = value
  press(form, null, id, when)
}

document.addEventListener('submit', e => {
  const form = e.target
  if (form.getAttribute('method') !== 'post' || 'native' in form.dataset || e.defaultPrevented) return
  e.preventDefault()
  press(form, e.submitter)
})

had = live ? standing(rows()) : null
if (live) mine()
tick()
