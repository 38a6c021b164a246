import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import cfb from 'cfb'
import fc from 'fast-check'
import { strToU8, zipSync } from 'fflate'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { contentOf } from '../../../adapters/files/content.ts'
import { encodingOfFile } from '../../../adapters/files/text.ts'
import { agreed, kindOfName, type Content } from '../../../domain/files/kinds.ts'
import { fixture, fixtures, padded, text, type Sent } from '../../support/fixtures.ts'
import { holdsAsync } from '../../support/arbitrary.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { skipHere } from '../../support/skips.ts'

const folder = temporaryFolder()
const path = join(folder.path, 'bytes')

const contentIn = async (bytes: Uint8Array): Promise<Content | null> => {
  writeFileSync(path, bytes)
  return contentOf(path)
}

/** The kind as which the file is accepted under its name. */
const accepted = async ({ name, bytes }: Sent): Promise<string | null> => {
  const named = kindOfName(name)
  const content = await contentIn(bytes)
  return named === null || content === null ? null : agreed(named, content)
}

const compound = (streams: Readonly<Record<string, string>>): Uint8Array => {
  const made = cfb.utils.cfb_new()
  for (const [name, content] of Object.entries(streams)) cfb.utils.cfb_add(made, name, Buffer.from(content))
  return cfb.write(made, { type: 'buffer' })
}

const zipped = (parts: Readonly<Record<string, string>>): Uint8Array =>
  zipSync(Object.fromEntries(Object.entries(parts).map(([name, content]) => [name, strToU8(content)])))

const wordTypes = `<Types><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`
const word = { '[Content_Types].xml': wordTypes, 'word/document.xml': '<w:document/>' }

const content = suite('content of files')
content.after(() => folder.remove())

content('a real file of each kind is accepted, whatever the case of its extension', async () => {
  assert.is(fixtures.size, 12)
  for (const [kind, { name, bytes }] of fixtures) {
    assert.is(await accepted({ name, bytes }), kind)
    assert.is(await accepted({ name: name.toUpperCase(), bytes }), kind)
  }
  assert.is(await accepted({ ...fixture('jpg'), name: 'photo.JPEG' }), 'jpg')
})

content(
  'no file is accepted under the name of another kind, except text as any text and a package as a zip',
  async () => {
    for (const [kind, { bytes }] of fixtures) {
      for (const other of fixtures.keys()) {
        const texts = ['txt', 'csv'].includes(kind) && ['txt', 'csv'].includes(other)
        const packaged = other === 'zip' && ['docx', 'xlsx', 'zip'].includes(kind)
        assert.is(
          await accepted({ name: `x.${other}`, bytes }),
          kind === other || texts || packaged ? other : null,
          `${kind} as ${other}`,
        )
      }
    }
  },
)

content('other content is rejected under any name', async () => {
  const svg = text('x.png', '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>')
  const html = text('x.pdf', '<!doctype html><script>alert(1)</script>')
  const program = { name: 'x.zip', bytes: new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]) }
  for (const file of [svg, html, program, text('x.html', 'text'), text('x', 'text'), text('x.docm', 'text')]) {
    assert.is(await accepted(file), null, file.name)
  }
})

content('a package with macros, another main part, or too much uncompressed data is not a document', async () => {
  assert.is(await contentIn(zipped(word)), 'docx')
  const enabled = wordTypes.replace('wordprocessingml.document.main', 'wordprocessingml.document.macroEnabled.main')
  for (const parts of [
    { ...word, 'word/vbaProject.bin': 'macro' },
    { ...word, '[Content_Types].xml': enabled },
    { '[Content_Types].xml': wordTypes },
    { 'word/document.xml': '<w:document/>' },
    { ...word, 'word/media/bomb': '\0'.repeat(4_000_000) },
  ]) {
    assert.is(await contentIn(zipped(parts)), 'zip', Object.keys(parts).join())
  }
})

content('a compound file is recognised by its streams', async () => {
  assert.is(await contentIn(compound({ '/WordDocument': 'x'.repeat(5_000) })), 'doc')
  assert.is(await contentIn(compound({ '/Workbook': 'x'.repeat(5_000) })), 'xls')
  assert.is(await contentIn(compound({ '/__substg1.0_1000001F': 'an e-mail' })), null)
  assert.is(await contentIn(compound(Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`/s${n}`, 'x'])))), null)
})

content('an image of too many pixels, or of none, is rejected by its header alone', async () => {
  const { bytes } = fixture('png')
  const sized = (width: number, height: number): Uint8Array => {
    const copy = Uint8Array.from(bytes)
    const view = new DataView(copy.buffer)
    view.setUint32(16, width)
    view.setUint32(20, height)
    return copy
  }
  assert.is(await contentIn(sized(10_000, 10_000)), 'png')
  assert.is(await contentIn(sized(10_001, 10_000)), null)
  assert.is(await contentIn(sized(0, 10)), null)
})

content('text is recognised in UTF-8, UTF-16 and Windows-1252, and never with control characters', async () => {
  const encoded: readonly (readonly [Uint8Array, string | null])[] = [
    [Buffer.from('Grüße\r\n\tund 👩‍👩‍👧'), 'utf-8'],
    [Buffer.from('\uFEFFGrüße'), 'utf-8'],
    [Buffer.from('\uFEFFGrüße', 'utf16le'), 'utf-16le'],
    [Buffer.from('Grüße', 'latin1'), 'windows-1252'],
    [Buffer.from('a\0b'), null],
    [Buffer.from([0x1b, 0x5b, 0x31, 0x07, 0x00]), null],
    [padded(text('', 'a'.repeat(5_000)), 5_001, 0).bytes, null],
  ]
  for (const [bytes, encoding] of encoded) {
    assert.is(await contentIn(bytes), encoding === null ? null : 'text')
    assert.is(await encodingOfFile(path), encoding)
  }
})

content('truncated or with flipped bits, every file is recognised or rejected, and nothing throws', async () => {
  const broken = fc.record({
    file: fc.constantFrom(...fixtures.values()),
    cut: fc.nat({ max: 12_000 }),
    flips: fc.array(fc.nat({ max: 100_000 }), { maxLength: 8 }),
  })
  await holdsAsync(
    fc.asyncProperty(broken, async ({ file, cut, flips }) => {
      const bytes = file.bytes.slice(0, Math.max(1, file.bytes.length - (cut % file.bytes.length)))
      for (const flip of flips)
        bytes[(flip >> 3) % bytes.length] = (bytes[(flip >> 3) % bytes.length] ?? 0) ^ (1 << (flip & 7))
      const kind = await accepted({ name: file.name, bytes })
      assert.ok(kind === null || kind === kindOfName(file.name))
    }),
    { usually: 500 },
  )
})

const corpus = process.env['LEDGERDESK_SHARED_DATA'] ?? join(import.meta.dirname, '../../../../shared/data')
const suiteFolder = join(corpus, 'corpus/pngsuite/png')
const pngs = (() => {
  try {
    return readdirSync(suiteFolder)
  } catch {
    return null
  }
})()
if (pngs === null) skipHere(import.meta.filename)
else {
  content('every good image of PngSuite is a png', async () => {
    assert.ok(pngs.length > 100)
    for (const name of pngs) {
      const isBroken = name.startsWith('x')
      if (!isBroken) assert.is(await contentIn(readFileSync(join(suiteFolder, name))), 'png', name)
    }
  })
}

content.run()
