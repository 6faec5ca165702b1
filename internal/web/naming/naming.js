/**
 * The example sentences say what is being typed, and the boxes of "field by field" begin as the choice above has it.
 * Without this script the page shows an example and empty boxes.
 */
const form = document.querySelector('form:has(.named)')
if (form) {
  const {name, group, detail} = form.elements
  const quotes = [...form.querySelectorAll('q')]
  const examples = quotes.map(q => q.textContent)
  const speak = () => {
    const typed = name.value.trim(), chosen = group.value ? group.selectedOptions[0].text : ''
    quotes.forEach((q, i) => {
      const words = chosen ? q.dataset.both : q.dataset.named
      q.textContent = typed ? words.replace('{name}', () => typed).replace('{group}', () => chosen) : examples[i]
    })
    for (const way of form.elements.preset) way.required = !detail?.checked
  }
  form.addEventListener('input', speak)
  detail?.addEventListener('change', () => {
    const fields = {group: ['name', 'group'], name: ['name']}[form.elements.preset.value] ?? []
    if (!detail.checked || form.querySelector('td input:checked')) return
    for (const box of form.querySelectorAll('td input:not([name=officials])')) box.checked = fields.includes(box.value)
  })
  if (name.value) speak()
}
