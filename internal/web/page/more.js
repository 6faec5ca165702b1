/**
 * Beside om.js on every screen but the participant's, where it comes with the form for a card: a secret in the address, keys,
 * copies, what stays closed, and how long a card takes to read out. The contracts are in doc.go.
 */
const find = (/** @type {string} */ q) => document.querySelector(q)
const all = (/** @type {string} */ q) => [...document.querySelectorAll(q)]

// A secret behind # is never in a log; here it leaves the address, too.
const door = find('form[data-hash]')
if (door && location.hash.length > 1) {
  door.elements.pass.value = location.hash.slice(1)
  history.replaceState(null, '', location.pathname + location.search)
  door.submit()
}

const keys = find('[data-keys]')
try { if (keys) keys.checked = localStorage.omKeys !== 'off' } catch { /* not allowed here: keys stay on */ }
keys?.addEventListener('change', () => { try { localStorage.omKeys = keys.checked ? 'on' : 'off' } catch { /* not remembered */ } })
document.addEventListener('keydown', e => {
  if (e.ctrlKey || e.altKey || e.metaKey || e.repeat || e.isComposing || keys?.checked === false) return
  if (e.target.closest?.('input:not([type=checkbox],[type=radio]),textarea,select,[contenteditable]')) return
  const button = all(`[data-hotkey="${CSS.escape(e.key.toLowerCase())}"]`).find(b => b.checkVisibility() && !b.disabled)
  if (button) { e.preventDefault(); button.click() }
})

// What was read and closed stays closed in this browser.
for (const d of all('details[data-once]')) {
  const name = 'om-' + d.dataset.once
  try { if (localStorage[name]) d.open = false } catch { /* not allowed here: it opens again */ }
  d.addEventListener('toggle', () => { try { d.open ? localStorage.removeItem(name) : localStorage[name] = 'read' } catch { /* not remembered */ } })
}

document.addEventListener('click', async e => {
  const button = e.target.closest?.('[data-copy]'), from = button && find(button.dataset.copy)
  if (!from) return
  const text = from.value ?? from.textContent.trim()
  const tell = sentence => dispatchEvent(new CustomEvent('say', {detail: sentence}))
  try { await navigator.clipboard.writeText(text) } catch {
    // Plain HTTP has no clipboard: the old way, or else by the reader's hand.
    const area = document.body.appendChild(document.createElement('textarea'))
    area.value = text
    area.select()
    const done = document.execCommand('copy')
    area.remove()
    button.focus()
    if (!done) {
      from.focus()
      from.select ? from.select() : getSelection().selectAllChildren(from)
      return tell(find('meta[name=by-hand]')?.content)
    }
  }
  tell(button.dataset.copied)
})

const letters = /[ー\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/gu
/** @param {string} text @returns {number} seconds; page.Aloud counts the same way */
export function seconds(text) {
  const n = (text.match(letters) ?? []).length
  const words = text.replace(letters, ' ').split(/\s+/).filter(w => /[\p{L}\p{N}]/u.test(w)).length
  return Math.ceil((words * 2 + n) / 5)
}
/** What a limit may be in beside seconds. @type {Record<string, (text: string) => number>} */
const counts = {letters: text => [...text].length, words: text => text.split(/\s+/).filter(Boolean).length}
function aloud() {
  for (const area of all('textarea[data-aloud]')) {
    const n = (counts[area.dataset.count] ?? seconds)(area.value), limit = +area.dataset.limit || Infinity, out = find(`output[for="${area.id}"]`)
    if (!out) continue
    const words = (n > limit ? area.dataset.aloudOver : area.dataset.aloud) ?? ''
    out.textContent = n ? words.replaceAll('{n}', n).replaceAll('{limit}', limit) : ''
    out.toggleAttribute('data-over', n > limit)
  }
}
document.addEventListener('input', aloud)
// The fields are empty just after the event.
document.addEventListener('reset', () => setTimeout(aloud))
aloud()
