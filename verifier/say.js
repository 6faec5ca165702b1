// What the page says, in the words of the person who looks. The sentences of faults are English only, like those of
// openmic verify.

const tables = {{words}}

let language = 'en'

// say gives a sentence with its {values}; a value stands apart from the direction of the text around it.
function say(key, values = {}) {
  const text = tables[language][key] ?? tables.en[key]
  if (text === undefined) throw new Error('nobody says ' + key)
  return text.replace(/\{([a-z]+)(?::[a-z]+)?\}/g, (_, name) => '\u2068' + String(values[name]) + '\u2069')
}

// choose takes the first of the person's languages that the page speaks.
function choose(languages) {
  for (const l of languages) {
    const own = String(l).toLowerCase().split('-')[0]
    if (Object.hasOwn(tables, own)) return own
  }
  return 'en'
}

const count = n => new Intl.NumberFormat(language + '-u-nu-latn').format(n)

// clock is a span of time as 1:02 or 1:02:03.
function clock(ms) {
  const s = Math.floor(ms / 1000), two = n => String(n).padStart(2, '0')
  return s < 3600 ? `${Math.floor(s / 60)}:${two(s % 60)}` : `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`
}

// nameOf is a class of reasons in words.
const nameOf = c => Object.hasOwn(tables.en, 'class.' + c) ? say('class.' + c) : c

// reason is why a call was made.
function reason(why, override) {
  const out = []
  if (override) out.push(say('override', { class: nameOf(override) }))
  else if (why.kind === 'opening' || why.kind === 'tour') out.push(say('reason.' + why.kind))
  else if (Object.hasOwn(tables.en, `reason.${why.kind}-${why.side}`)) {
    const weighed = why.kind === 'balance' && why.w > 1 ? '-weighed' : ''
    out.push(say(`reason.${why.kind}-${why.side}${weighed}`, { n: count(why.n ?? 0), m: count(why.m ?? 0), d: clock(why.ms ?? 0), w: why.w ?? 1 }))
  } else out.push(why.kind)
  if (['bypassed', 'new', 'heard'].includes(why.then)) out.push(say('then-' + why.then))
  return out.join(' ')
}
