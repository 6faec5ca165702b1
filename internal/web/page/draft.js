/**
 * Words half written outlive a reload of this tab: every <textarea data-draft> is kept until its form is accepted, when
 * it is reset.
 */
/** @param {HTMLTextAreaElement} area @param {string} [words] puts them by, '' forgets them @returns {string} what is kept */
function keep(area, words) {
  const name = location.pathname + '#' + area.id
  try {
    if (words === '') sessionStorage.removeItem(name)
    else if (words) sessionStorage[name] = words
    return sessionStorage[name] ?? ''
  } catch { return '' /* not allowed here */ }
}
for (const area of document.querySelectorAll('textarea[data-draft]')) {
  area.value ||= keep(area)
  area.addEventListener('input', () => keep(area, area.value))
  area.form.addEventListener('reset', () => keep(area, ''))
  area.dispatchEvent(new Event('input', {bubbles: true}))
}
