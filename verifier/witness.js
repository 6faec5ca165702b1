// What people hold in their hands against a record: four words from a photo of the wall, and a receipt (docs/wire.md, 7).

const codeWords = `{{code}}`.split(' ')
const minute = 60000

// hashOf is the hash of entry n of a journal, as the next entry names it.
const hashOf = (j, n) => n < j.entries.length ? j.entries[n].prev : j.head

async function codeOf(j, n) {
  const password = utf8.encode(`openmic/${j.name}\n${n}\n${hashOf(j, n)}\n`)
  const key = await crypto.subtle.importKey('raw', password, 'PBKDF2', false, ['deriveBits'])
  const bits = new Uint8Array(await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt: utf8.encode('openmic code'), iterations: 4096 }, key, 48))
  const all = bits.reduce((sum, b) => sum * 256 + b, 0) // 48 bits
  return [37, 26, 15, 4].map(low => codeWords[Math.floor(all / 2 ** low) % 2048]).join(' ')
}

// onWall says when the wall showed the code of entry n: {from, until, shown, gone}, until null at the end of the record;
// null when it never did.
function onWall(j, n) {
  const at = j.entries[n - 1].stamp.at, until = j.entries[n]?.stamp.at ?? null
  const full = t => (Math.floor(t / minute) + 1) * minute
  if (until !== null && until < full(at) - 10000) return null
  return { n, from: at, until, shown: full(at), gone: until === null ? null : full(until) }
}

// findCode tells {unread: word}, {found: []} or {found: [when]}.
async function findCode(journals, text) {
  const words = text.toLowerCase().match(/[a-z]+/g) ?? []
  const strange = words.find(w => !codeWords.includes(w))
  if (words.length !== 4 || strange) return { unread: strange ?? text.trim() }
  for (const j of journals) {
    const all = j.entries.map((_, i) => onWall(j, i + 1)).filter(Boolean)
    const codes = await many(all, w => codeOf(j, w.n))
    const found = all.filter((_, i) => codes[i] === words.join(' '))
    if (found.length) return { journal: j.name, found }
  }
  return { found: [] }
}

// readReceipt takes a receipt apart, the file or the line of a QR code; null when it is none.
function readReceipt(text) {
  if (utf8.encode(text).length > 1000) return null
  text = text.replaceAll('\r\n', '\n').trim()
  const parts = /^openmic-receipt\/([a-z0-9]{1,20})\/([a-z]{1,10}-[a-z0-9]{1,20})\n([1-9][0-9]{0,15})\n([A-Za-z0-9_-]{43})\nat (0|[1-9][0-9]{0,15})\n\n\u2014 openmic-[a-z0-9]{1,20} ([A-Za-z0-9+/=]+)$/.exec(text)
  const line = parts ? null : /^openmic-receipt\/([a-z0-9]{1,20})\/([a-z]{1,10}-[a-z0-9]{1,20})\/([1-9][0-9]{0,15})\/(0|[1-9][0-9]{0,15})\/([A-Za-z0-9_-]{43})\/([A-Za-z0-9_-]+)$/.exec(text)
  if (!parts && !line) return null
  const [session, part, n] = (parts ?? line).slice(1)
  const [hash, ms] = parts ? [parts[4], parts[5]] : [line[5], line[4]]
  const signature = parts ? unbase64(parts[6]) : unbase64url(line[6])
  if (signature?.length !== 68 || Number(n) > most || Number(ms) > most) return null
  const journal = `${session}/${part}`
  return { session, journal, n: Number(n), hash, at: Number(ms), signature, body: `openmic-receipt/${journal}\n${n}\n${hash}\nat ${ms}\n` }
}

// judgeReceipt tells {how} and, when it is kept, the ticket.
async function judgeReceipt(v, text) {
  const r = readReceipt(text)
  if (!r) return { how: 'none' }
  if (r.session !== v.session) return { how: 'session' }
  const j = v.journals.find(j => j.name === r.journal)
  if (!j) return { how: 'journal' }
  if (!same(r.signature.subarray(0, 4), j.signer.hash) || !await verifies(j.signer.point, r.signature.subarray(4), utf8.encode(r.body))) return { how: 'signature' }
  const e = j.entries[r.n - 1]
  if (!e) return { how: r.at > j.signed - 10000 ? 'early' : 'two' }
  if (hashOf(j, r.n) !== r.hash || e.stamp.at !== r.at) return { how: 'two' }
  return { how: 'kept', at: r.at, ticket: e.kind === 'asked' ? v.floor.ticket(e.body.ticket) : undefined }
}
