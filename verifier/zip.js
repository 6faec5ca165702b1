// The zip of a record has one form only (docs/wire.md, 5 A): every byte of its headers follows from the names, the
// texts and their order. So it is read forward, written again, and compared.

const mostBytes = 64 << 20, mostFiles = 5000, mostLine = 1 << 20

const crcTable = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1
  return n >>> 0
})

function crc32(bytes) {
  let c = 0xffffffff
  for (let i = 0; i < bytes.length; i++) c = crcTable[(c ^ bytes[i]) & 255] ^ (c >>> 8)
  return (c ^ 0xffffffff) >>> 0
}

// little writes numbers, each with its width in bytes: little(2, 20, 4, size) is 20 in two bytes, size in four.
function little(...pairs) {
  const out = []
  for (let i = 0; i < pairs.length; i += 2) for (let k = 0, n = pairs[i + 1]; k < pairs[i]; k++, n = Math.floor(n / 256)) out.push(n % 256)
  return Uint8Array.from(out)
}

// unzip gives the files in their order, as {name, bytes}, and nothing of a zip in any other form.
function unzip(bytes) {
  const bad = (where, say) => new Fault('A', where, say)
  if (bytes.length > mostBytes) throw bad('the file', 'it has more than 64 MB')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const is = (at, sign) => at + 4 <= bytes.length && view.getUint32(at, true) === sign
  const files = [], list = []
  let at = 0
  while (is(at, 0x04034b50)) {
    if (files.length === mostFiles) throw bad(`file ${files.length + 1}`, 'more than 5,000 files')
    if (at + 30 > bytes.length) throw bad(`file ${files.length + 1}`, 'the zip ends inside a header')
    const size = view.getUint32(at + 18, true), length = view.getUint16(at + 26, true)
    const start = at + 30 + length
    if (start + size > bytes.length) throw bad(`file ${files.length + 1}`, 'the zip ends inside a file')
    const name = bytes.subarray(at + 30, start), text = bytes.subarray(start, start + size)
    const common = little(2, 20, 2, 0, 2, 0, 2, 0, 2, 0x21, 4, crc32(text), 4, size, 4, size, 2, length)
    if (!same(bytes.subarray(at, at + 30), join(little(4, 0x04034b50), common, little(2, 0)))) {
      throw bad(`file ${files.length + 1}`, 'its header is not in the one form, or its sum is wrong')
    }
    list.push(join(little(4, 0x02014b50, 2, 20), common, little(2, 0, 2, 0, 2, 0, 2, 0, 4, 0, 4, at), name))
    files.push({ name: plainName(name, files.length, bad), bytes: text })
    at = start + size
  }
  const size = list.reduce((n, l) => n + l.length, 0)
  const end = join(...list, little(4, 0x06054b50, 4, 0, 2, files.length, 2, files.length, 4, size, 4, at, 2, 0))
  if (!same(bytes.subarray(at), end)) throw bad('the list at the end of the zip', 'it does not name exactly the files that lie before it, in their order, and end there')
  return files
}

// plainName reads a name of the letters that names of a record have.
function plainName(name, i, bad) {
  const text = latin.decode(name)
  if (!/^[a-z0-9./-]{1,100}$/.test(text)) throw bad(`file ${i + 1}`, 'no file of a record has such a name')
  return text
}

// lines cuts a text into its lines.
function lines(check, { name, bytes }) {
  const out = []
  for (let from = 0; from < bytes.length;) {
    const to = bytes.indexOf(10, from), where = `${name} line ${out.length + 1}`
    if (to < 0) throw new Fault(check, where, 'it has no end')
    if (to === from) throw new Fault(check, where, 'it is empty')
    if (to - from > mostLine) throw new Fault(check, where, 'it has more than 1 MB')
    out.push(bytes.subarray(from, to))
    from = to + 1
  }
  return out
}
