/** Says the time of the session in the reader's own time zone, beside that of the session. */
for (const place of document.querySelectorAll('[data-local]')) {
  const t = new Date(+place.dataset.local).toLocaleString(document.documentElement.lang + '-u-nu-latn', {dateStyle: 'full', timeStyle: 'short'})
  place.textContent = place.dataset.words.replace('{t}', () => t)
  place.hidden = false
}
