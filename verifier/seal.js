// The manifest and the signed checkpoints (docs/wire.md, 5 B and E).

function readManifest(file) {
  const bad = say => new Fault('B', 'manifest.json', say)
  if (file?.name !== 'manifest.json') throw bad('it is not the first file')
  const rows = lines('B', file)
  if (rows.length !== 1) throw bad('not one line')
  const line = new Line(latin.decode(rows[0]), bad), m = { rule: {}, journals: [] }
  line.must('{"record":1,"session":'); m.session = line.text()
  line.must(',"kind":'); m.kind = line.text()
  dials.forEach((d, i) => {
    line.must((i ? ',' : ',"rule":{') + `"${d}":`)
    m.rule[d] = line.number()
  })
  line.must('},"journals":')
  m.journals = line.list(() => {
    const j = {}
    line.must('{"name":'); j.name = line.text()
    line.must(',"key":'); j.key = line.text()
    line.must(',"entries":'); j.entries = line.number()
    line.must(',"addenda":'); j.addenda = line.number()
    line.must(',"checkpoints":'); j.checkpoints = line.number()
    j.seen = line.take(',"seen":') ? line.number() : null
    line.must('}')
    return j
  })
  line.must('}')
  line.done()
  if (m.kind !== 'public' && m.kind !== 'archive') throw bad('neither public nor archive')
  if (m.journals.length < 1 || m.journals.length > 8) throw bad('not 1 to 8 journals')
  for (const j of m.journals) {
    const parts = /^([a-z0-9]{1,20})\/([a-z]{1,10}-([a-z0-9]{1,20}))$/.exec(j.name)
    if (parts?.[1] !== m.session) throw bad('no such journal can be of this session');
    [, , j.part, j.tag] = parts
    if (j.seen !== null && j.seen <= 0) throw bad('what nobody has seen is not counted')
    if (j.entries < 1 || j.entries > 50000) throw bad('not 1 to 50,000 entries')
  }
  m.journals.forEach((j, i) => {
    if (i && before(m.journals[i - 1].name, j.name) >= 0) throw bad('the journals are not in their order')
  })
  if (new Set(m.journals.map(j => j.tag)).size < m.journals.length) throw bad('two journals have one tag')
  if (m.journals.reduce((n, j) => n + j.entries, 0) > 50000) throw bad('more than 50,000 entries in all')
  return m
}

// readKey takes the site's key apart; null when it is none.
async function readKey(text) {
  const parts = /^(openmic-[a-z0-9]{1,20})\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44})$/.exec(text)
  const bytes = parts && unbase64(parts[3])
  if (bytes?.length !== 33 || bytes[0] !== 1) return null
  const hash = (await sha256(join(utf8.encode(parts[1] + '\n'), bytes))).subarray(0, 4)
  if (Array.from(hash, b => b.toString(16).padStart(2, '0')).join('') !== parts[2]) return null
  return { name: parts[1], hash, point: bytes.subarray(1) }
}

// sortOut finds the files of each journal, and nothing else beside them.
function sortOut(files, manifest) {
  for (let i = 2; i < files.length; i++) {
    if (!(files[i - 1].name < files[i].name)) throw new Fault('A', files[i].name, 'it is not in its place')
  }
  const left = new Map(files.slice(1).map(f => [f.name, f]))
  for (const j of manifest.journals) {
    const take = name => {
      const f = left.get(name)
      if (!f) throw new Fault('A', name, 'it is not there')
      left.delete(name)
      return f
    }
    j.entriesFile = take(`entries/${j.part}.jsonl`)
    j.addendaFile = take(`addenda/${j.part}.jsonl`)
    // notes takes the checkpoints whose names begin and end in a way, with nine digits between.
    const notes = (start, end) => [...left.keys()].filter(n => n.startsWith(start) && n.endsWith(end) && /^[0-9]{9}$/.test(n.slice(start.length, -end.length))).map(take)
    const own = notes(`checkpoints/${j.part}-`, '.note').map(f => ({ ...f, by: j, size: Number(f.name.slice(-14, -5)) }))
    if (own.length !== j.checkpoints) throw new Fault('B', 'manifest.json', `it counts ${j.checkpoints} checkpoints, and there are ${own.length}`)
    const seen = manifest.journals.filter(k => k !== j).flatMap(k => notes(`seen/${j.part}-`, `-${k.part}.note`).map(f => ({ ...f, by: k, size: Number(f.name.slice(`seen/${j.part}-`.length).slice(0, 9)) })))
    if (seen.length !== (j.seen ?? 0)) throw new Fault('B', 'manifest.json', `it counts ${j.seen ?? 0} checkpoints by others, and there are ${seen.length}`)
    j.notes = own.concat(seen.sort((a, b) => before(a.name, b.name)))
  }
  for (const name of left.keys()) throw new Fault('A', name, 'no such file belongs to a record')
}

// A Tree gives the root of RFC 6962 over the first rows.
class Tree {
  static async grow(rows) {
    const tree = new Tree()
    tree.levels = [await many(rows, row => sha256(join(Uint8Array.of(0), row)))]
    for (let low = tree.levels[0]; low.length > 1; tree.levels.push(low)) {
      const below = low
      low = await many(Array.from({ length: below.length >> 1 }), (_, i) => Tree.node(below[2 * i], below[2 * i + 1]))
    }
    return tree
  }
  static node(left, right) { return sha256(join(Uint8Array.of(1), left, right)) }
  // The first n rows are whole subtrees, large ones first; they are joined from the right.
  async root(n) {
    let root = null
    for (let k = 0, end = n; end > 0; k++, end = Math.floor(end / 2)) {
      if (end % 2 === 0) continue
      const whole = this.levels[k][end - 1]
      root = root ? await Tree.node(whole, root) : whole
    }
    return root
  }
}

// readCheckpoints believes the signatures of a journal and compares each root with its entries. It notes the last moment
// signed, and whether its own site signed all of it.
async function readCheckpoints(j) {
  const tree = await Tree.grow(j.rows)
  let own = 0, signed = 0
  j.signed = 0
  for (const { name, bytes, by, size } of j.notes) {
    const bad = say => new Fault('E', name, say), key = by.signer
    if (bytes.length > 1000) throw bad('it has more than 1,000 bytes')
    let text
    try { text = strict.decode(bytes) } catch { throw bad('not UTF-8') }
    const parts = /^(openmic\/(.*)\n([1-9][0-9]{0,15})\n([A-Za-z0-9+/=]+)\nat (0|[1-9][0-9]{0,15})\n)\n\u2014 ([^ \n]+) ([A-Za-z0-9+/=]+)\n$/.exec(text)
    if (!parts) throw bad('not a checkpoint with one signature')
    const [, body, journal, sizeText, root, at, signer, signature] = parts
    const ms = Number(at), sig = unbase64(signature)
    if (journal !== j.name) throw bad('it is of another journal')
    if (Number(sizeText) !== size || size > j.entries.length) throw bad('it signs another number of entries than it is named for, or more than there are')
    if (signer !== key.name || sig?.length !== 68 || !same(sig.subarray(0, 4), key.hash)) throw bad('it is signed with another key')
    if (!await verifies(key.point, sig.subarray(4), utf8.encode(body))) throw bad('the signature is wrong')
    if (root !== base64(await tree.root(size))) throw bad('the entries are not those that were signed')
    if (ms > most || ms < j.entries[size - 1].stamp.at || by === j && ms < own) throw bad('it was signed before what it signs')
    if (by === j) {
      own = ms
      j.wholly = size === j.entries.length
    }
    if (size < signed) continue
    signed = size
    j.signed = Math.max(j.signed, ms)
  }
  if (signed !== j.entries.length) throw new Fault('E', j.entriesFile.name, `nobody signed what follows line ${signed}`)
}

// verifies checks an Ed25519 signature: with the browser if it can, else by the arithmetic of RFC 8032.
async function verifies(point, signature, message) {
  let key
  try {
    key = await crypto.subtle.importKey('raw', point, { name: 'Ed25519' }, false, ['verify'])
  } catch (e) {
    if (e.name === 'DataError') return false
    return byHand(point, signature, message)
  }
  return crypto.subtle.verify({ name: 'Ed25519' }, key, signature, message)
}

const P = 2n ** 255n - 19n, order = 2n ** 252n + 27742317777372353535851937790883648493n
const mod = (a, m = P) => ((a % m) + m) % m

function power(base, exponent) {
  let out = 1n
  for (let b = mod(base); exponent; exponent >>= 1n, b = b * b % P) if (exponent & 1n) out = out * b % P
  return out
}

const D = mod(-121665n * power(121666n, P - 2n))
const number = bytes => bytes.reduceRight((n, b) => n << 8n | BigInt(b), 0n) // little-endian

// Points are [X, Y, Z, T] with x = X/Z, y = Y/Z, x·y = T/Z.
function plus([x1, y1, z1, t1], [x2, y2, z2, t2]) {
  const a = (y1 - x1) * (y2 - x2) % P, b = (y1 + x1) * (y2 + x2) % P, c = 2n * t1 * D % P * t2 % P, d = 2n * z1 * z2 % P
  const e = b - a, f = d - c, g = d + c, h = b + a
  return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)]
}

function times(n, point) {
  let out = [0n, 1n, 1n, 0n]
  for (; n; n >>= 1n, point = plus(point, point)) if (n & 1n) out = plus(out, point)
  return out
}

function unpack(bytes) {
  const n = number(bytes), y = mod(n & 2n ** 255n - 1n), odd = n >> 255n
  const u = mod(y * y - 1n), v = mod(D * y * y + 1n)
  let x = mod(u * v ** 3n * power(u * v ** 7n, (P - 5n) / 8n))
  if (mod(v * x * x) === mod(-u)) x = mod(x * power(2n, (P - 1n) / 4n))
  if (mod(v * x * x) !== u || x === 0n && odd) return null
  if ((x & 1n) !== odd) x = P - x
  return [x, y, 1n, x * y % P]
}

function pack([x, y, z]) {
  const inverse = power(z, P - 2n)
  let n = y * inverse % P | (x * inverse % P & 1n) << 255n
  return Uint8Array.from({ length: 32 }, () => { const b = Number(n & 255n); n >>= 8n; return b })
}

async function byHand(point, signature, message) {
  const a = unpack(point), s = number(signature.subarray(32))
  if (!a || s >= order) return false
  const k = number(new Uint8Array(await crypto.subtle.digest('SHA-512', join(signature.subarray(0, 32), point, message))))
  const base = unpack(Uint8Array.from({ length: 32 }, (_, i) => i ? 0x66 : 0x58))
  const [x, y, z, t] = times(k % order, a)
  return same(pack(plus(times(s, base), [mod(-x), y, z, mod(-t)])), signature.subarray(0, 32))
}
