// The entries: their form (docs/wire.md, 3), and what ties one to the next (5 C).

// kinds is the table of docs/wire.md, section 3, without its quotes: the kinds of entries and what a body holds, in order.
const kinds = readKinds(`
{{kinds}}
`)

// readKinds makes of each row a list of fields {name, may, read}: may be left out, and how its value is read.
function readKinds(table) {
  const kinds = new Map()
  for (const row of table.trim().split('\n')) {
    const [, kind, fields] = /^\| ([a-z-]+) \| (.*?) ?\|$/.exec(row)
    kinds.set(kind, readFields(fields))
  }
  return kinds
}

function readFields(text) {
  const fields = []
  let rest = text.trim()
  while (rest) {
    const [head, name, may] = /^([A-Za-z]+)(\??) /.exec(rest)
    rest = rest.slice(head.length)
    let deep = 0, end = 0
    for (; end < rest.length && (deep || rest[end] !== ','); end++) deep += (rest[end] === '{') - (rest[end] === '}')
    const type = rest.slice(0, end).trim()
    fields.push({ name, may: may === '?', read: type === 'words' ? line => readWords(line, name) : reading(type) })
    rest = rest.slice(end + 1).trim()
  }
  return fields
}

// reading is how a value of a type is read from a line.
function reading(type) {
  switch (type) {
    case 'id': case 'text': return line => line.text()
    case 'number': return line => line.number()
    case 'true/false': return line => line.bool()
    case 'side': return line => readSide(line)
    case '2 × number': return line => {
      const pair = line.list(() => line.number())
      if (pair.length !== 2) line.fail('not two numbers')
      return pair
    }
  }
  if (type.startsWith('list of ')) {
    const each = reading(type.slice(8))
    return line => line.list(() => each(line))
  }
  if (!type.startsWith('{')) throw new Error('a type that this page does not know: ' + type)
  const fields = readFields(type.slice(1, -1))
  return line => readBody(line, fields)
}

function readSide(line) {
  const side = line.text()
  if (side !== 'room' && side !== 'online') line.fail('no side')
  return side
}

// Words stand in this order, each at most once.
const roleNames = ['participant', 'organiser', 'chair', 'venue', 'desk', 'notes', 'speaker', 'lane', 'hub', 'site', 'wall']
const fieldNames = ['name', 'group', 'org', 'country', 'region', 'words']

function readWords(line, name) {
  const known = name === 'roles' ? roleNames : fieldNames
  const text = line.text(), words = known.filter(w => ` ${text} `.includes(` ${w} `))
  if (words.join(' ') !== text) line.fail('these words are not known, or not in their order')
  return words
}

const empty = value => value === '' || value === 0 || value === false || Array.isArray(value) && value.length === 0

function readBody(line, fields) {
  const body = {}
  let first = true
  line.must('{')
  for (const { name, may, read } of fields) {
    const key = (first ? '' : ',') + `"${name}":`
    if (may && !line.next(key)) continue
    line.must(key)
    first = false
    body[name] = read(line)
    if (may && empty(body[name])) line.fail(`${name} is empty and must be left out`)
  }
  line.must('}')
  return body
}

// readEntry reads one line; say makes a fault of a sentence.
function readEntry(text, say) {
  const line = new Line(text, say), e = { stamp: {}, view: [], said: new Map() }
  line.must('{"v":1,"journal":'); e.journal = line.text()
  line.must(',"n":'); e.n = line.number()
  line.must(',"stamp":{"at":'); e.stamp.at = line.number()
  line.must(',"count":'); e.stamp.count = line.number()
  line.must(',"site":'); e.stamp.site = line.text()
  line.must('},"view":')
  e.view = line.list(() => {
    const seen = {}
    line.must('{"journal":'); seen.journal = line.text()
    line.must(',"n":'); seen.n = line.number()
    line.must('}')
    return seen
  })
  line.must(',"wall":'); e.wall = line.number()
  line.must(',"command":'); e.command = line.text()
  line.must(',"more":'); e.more = line.bool()
  line.must(',"by":'); e.by = line.text()
  line.must(',"kind":'); e.kind = line.text()
  if (!kinds.has(e.kind)) line.fail('nobody knows this kind of entry')
  line.must(',"body":'); e.body = readBody(line, kinds.get(e.kind))
  line.must(',"said":{')
  let last = null
  while (!line.take('}')) {
    if (last !== null) line.must(',')
    const field = line.text()
    if (last !== null && before(last, field) >= 0) line.fail('the fields that were said are not in order')
    line.must(':')
    const digest = line.text()
    if (unbase64url(digest)?.length !== 32) line.fail('not a digest')
    e.said.set(field, digest)
    last = field
  }
  line.must(',"prev":'); e.prev = line.text()
  line.must('}')
  line.done()
  measure(e, (what, n, least, most) => { if (n < least || n > most) line.fail(`${what} is outside of ${least} to ${most}`) })
  e.name = e.stamp.site + e.n // what this entry creates
  return e
}

// measure looks at the numbers that are multiplied or added up, so that no sum leaves what a number here holds.
function measure(e, within) {
  const b = e.body
  within('at', e.stamp.at, 0, 1e12)
  within('wall', e.wall, 1, 1e15)
  if (b.rule) {
    for (const d of ['L', 'Q', 'B', 'reply']) within(d, b.rule[d], 0, 1e9)
    for (const d of ['R', 'K']) within(d, b.rule[d], 0, 1000)
  }
  if (b.settings) within('lateDays', b.settings.lateDays, 0, 1e5)
  if ('factor' in b) within('factor', b.factor, 100, 1000)
  if ('cap' in b) within('cap', b.cap, 0, 1e9)
  if ('ago' in b) within('ago', b.ago, 0, 864e5)
  if (e.kind === 'resumed') for (const d of ['mark', 'down']) within(d, b[d], 0, most)
}

// readJournal reads the entries of one journal and everything that ties them together.
async function readJournal(file, manifest, info) {
  const rows = lines('C', file)
  const where = i => `${file.name} line ${i + 1}`
  if (rows.length !== info.entries) throw new Fault('B', 'manifest.json', `it counts ${info.entries} entries, and there are ${rows.length}`)
  const hashes = await many(rows, async row => base64url(await sha256(row)))
  const entries = [], commands = new Set()
  for (let i = 0; i < rows.length; i++) {
    const bad = say => new Fault('C', where(i), say)
    const e = readEntry(latin.decode(rows[i]), bad), last = entries[i - 1]
    e.where = where(i)
    if (e.journal !== info.name) throw bad('it is of another journal')
    if (e.n !== i + 1) throw bad(`its number is not ${i + 1}`)
    if (e.prev !== (i ? hashes[i - 1] : '')) throw bad('it does not name the hash of the entry before')
    if (e.stamp.site !== info.tag || e.stamp.at < 0 || e.stamp.count < 0) throw bad('its stamp is not of this site or below 0')
    if (last && (e.stamp.at - last.stamp.at || e.stamp.count - last.stamp.count) <= 0) throw bad('its stamp is not later than that of the entry before')
    if (e.kind === 'created' && i > 0) throw bad('only a first entry creates the session')
    if (e.kind === 'created' && (e.body.session !== manifest.session || !sameRule(e.body.rule, manifest.rule))) throw bad('it creates another session, or under another rule, than the manifest says')
    e.seen = new Map(e.view.map(v => [v.journal, v.n]))
    e.press = JSON.stringify([e.by, e.command])
    if (last?.more) {
      if (e.command !== last.command || e.by !== last.by || e.stamp.at !== last.stamp.at) throw bad('it is not of the command that goes on')
    } else {
      if (commands.has(e.press)) throw bad('this command was there before')
      commands.add(e.press)
    }
    entries.push(e)
  }
  if (entries.at(-1).more) throw new Fault('C', where(rows.length - 1), 'its command goes on after the end')
  Object.assign(info, { rows, entries, head: base64url(await sha256(rows.at(-1))) })
}

const dials = ['L', 'Q', 'B', 'R', 'K', 'reply']
const sameRule = (a, b) => dials.every(d => a[d] === b[d])

// readAddenda reads the words that lie beside a journal (5 D).
async function readAddenda(file, info, entries) {
  const rows = lines('D', file)
  if (rows.length !== info.addenda) throw new Fault('B', 'manifest.json', `it counts ${info.addenda} addenda, and there are ${rows.length}`)
  let last = null
  const addenda = rows.map((row, i) => {
    const bad = (say, check = 'D') => new Fault(check, `${file.name} line ${i + 1}`, say)
    const line = new Line(latin.decode(row), bad), a = { bad }
    line.must('{"n":'); a.n = line.number()
    line.must(',"field":'); a.field = line.text()
    line.must(',"nonce":'); a.nonce = unbase64url(line.text())
    line.must(',"text":'); a.text = line.text()
    line.must('}')
    line.done()
    if (a.nonce?.length !== 16) throw bad('its nonce is not 16 bytes')
    if (last && (a.n - last.n || before(a.field, last.field)) <= 0) throw bad('it is not in its place')
    a.entry = entries[a.n - 1]
    if (!a.entry?.said.has(a.field)) throw bad('no entry said this')
    return last = a
  })
  const digests = await many(addenda, a => sha256(join(a.nonce, utf8.encode(a.field), Uint8Array.of(0), utf8.encode(a.text))))
  addenda.forEach((a, i) => {
    if (base64url(digests[i]) !== a.entry.said.get(a.field)) throw a.bad('other words were said')
  })
  return addenda
}
