/**
 * The example sentences of the door say what is being typed, and the boxes of "field by field" begin as the choice
 * above has it. Without it the page shows an example and empty boxes.
 */
const form = document.querySelector('#join')
if (form) {
  const {name, group, detail} = form.elements
  const speak = () => {
    const typed = name.value.trim(), chosen = group.value ? group.selectedOptions[0].text : ''
    for (const q of form.querySelectorAll('q')) {
      const words = !typed ? q.textContent : chosen ? q.dataset.both : q.dataset.named
      if (typed) q.textContent = words.replace('{name}', () => typed).replace('{group}', () => chosen)
      else q.textContent = q.dataset.example ??= q.textContent
    }
  }
  for (const q of form.querySelectorAll('q')) q.dataset.example = q.textContent
  form.addEventListener('input', speak)
  detail.addEventListener('change', () => {
    const fields = {group: ['name', 'group'], name: ['name']}[form.elements.preset.value] ?? []
    if (!detail.checked || form.querySelector('td input:checked')) return
    for (const box of form.querySelectorAll('td input:not([name=officials])')) box.checked = fields.includes(box.value)
  })
  speak()
}
