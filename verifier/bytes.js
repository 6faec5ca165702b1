// Bytes, digests, and the one form of JSON that a record may use (docs/wire.md, 5 B).

// A Fault is what is wrong with the record: the check that failed (A to G), the place, one sentence.
class Fault extends Error {
  constructor(check, where, say) {
    super(say)
    this.check = check
    this.where = where
  }
}

const utf8 = new TextEncoder()
const latin = new TextDecoder('latin1') // a byte from 0x80 on becomes something no reader below takes
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const sha256 = async bytes => new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))

function join(...parts) {
  const all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0))
  let at = 0
  for (const p of parts) { all.set(p, at); at += p.length }
  return all
}

const same = (a, b) => a.length === b.length && a.every((x, i) => x === b[i])

// before compares texts by the bytes of their UTF-8, which is the order of their code points.
function before(a, b) {
  const x = utf8.encode(a), y = utf8.encode(b)
  for (let i = 0; i < x.length && i < y.length; i++) if (x[i] !== y[i]) return x[i] - y[i]
  return x.length - y.length
}

const base64 = bytes => btoa(Array.from(bytes, b => String.fromCharCode(b)).join(''))
const base64url = bytes => base64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')

// unbase64 takes only what base64 gives; null is everything else.
function unbase64(text) {
  try {
    const bytes = Uint8Array.from(atob(text), c => c.charCodeAt(0))
    return base64(bytes) === text ? bytes : null
  } catch {
    return null
  }
}

function unbase64url(text) {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) return null
  const bytes = unbase64(text.replaceAll('-', '+').replaceAll('_', '/') + '==='.slice((text.length + 3) % 4))
  return bytes && base64url(bytes) === text ? bytes : null
}

const hex32 = n => (n >>> 0).toString(16).padStart(8, '0')

// many does something for each, some hundreds at a time, so that the browser's own threads are busy and memory is not.
async function many(list, make) {
  const all = new Array(list.length)
  for (let i = 0; i < list.length; i += 512) {
    const some = await Promise.all(list.slice(i, i + 512).map((x, j) => make(x, i + j)))
    for (let j = 0; j < some.length; j++) all[i + j] = some[j]
  }
  return all
}

const most = Number.MAX_SAFE_INTEGER // 9007199254740991
const short = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' }
const written = new Set(Object.values(short))

// A Line reads one line of canonical JSON from left to right. Whoever reads knows which keys come, so nothing is
// guessed, no key can come twice, and a blank or another spelling of the same is a fault.
class Line {
  constructor(line, fail) {
    this.line = line
    this.at = 0
    this.fail = say => { throw fail(`${say} (byte ${this.at + 1})`) }
  }
  next(what) { return this.line.startsWith(what, this.at) }
  take(what) {
    if (!this.next(what)) return false
    this.at += what.length
    return true
  }
  must(what) { if (!this.take(what)) this.fail(`not in the one form: ${what} is missing`) }
  done() { if (this.at !== this.line.length) this.fail('something follows') }
  number() {
    const form = /-?(?:0|[1-9][0-9]{0,15})(?![0-9])/y
    form.lastIndex = this.at
    const found = form.exec(this.line)
    if (!found || found[0] === '-0' || Math.abs(Number(found[0])) > most) this.fail('not a whole number up to 9007199254740991')
    this.at += found[0].length
    return Number(found[0])
  }
  bool() { return this.take('true') || !this.take('false') && this.fail('neither true nor false') }
  text() {
    this.must('"')
    let out = ''
    for (;;) {
      const plain = /[ !#-[\]-~]*/y
      plain.lastIndex = this.at
      const run = plain.exec(this.line)[0]
      this.at += run.length
      out += run
      if (this.take('"')) break
      if (!this.take('\\')) this.fail('a text in another form')
      out += this.escaped()
    }
    if (/\p{Surrogate}/u.test(out)) this.fail('half a pair')
    return out
  }
  escaped() {
    const c = this.line[this.at++]
    if (c !== undefined && Object.hasOwn(short, c)) return short[c]
    const digits = this.line.slice(this.at, this.at + 4)
    if (c !== 'u' || !/^[0-9a-f]{4}$/.test(digits)) this.fail('a text in another form')
    this.at += 4
    const char = String.fromCharCode(parseInt(digits, 16))
    if (char >= ' ' && char < '\x7f' || written.has(char)) this.fail('a text in another form')
    return char
  }
  list(read) {
    const out = []
    this.must('[')
    if (this.take(']')) return out
    do out.push(read()); while (this.take(','))
    this.must(']')
    return out
  }
}
