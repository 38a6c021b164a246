import { fromFd, type Entry, type ZipFile } from 'yauzl'
import { MB } from '../../domain/files/kinds.ts'
import { isOfDisk } from './durable.ts'

/**
 * Determines which Office document a zip is: a package of the Open Packaging Conventions (ECMA-376) with the right main
 * part, without macros, and bounded in entries, size and compression ratio, so that it is safe to open.
 */

const mostEntries = 10_000
const mostBytes = 500 * MB
/** The best ratio for text; a zip bomb exceeds it. Small parts may exceed it too. */
const mostRatio = 200
const smallPart = MB
const typesLimit = MB

const mainParts = {
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml': 'docx',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml': 'xlsx',
} as const

const parts = { docx: 'word/document.xml', xlsx: 'xl/workbook.xml' } as const

/** `damaged`: not readable to its end as a zip. `none`: another zip, one with macros, or one over a limit. */
export type OfficeKind = 'docx' | 'xlsx' | 'none' | 'damaged'

const open = (descriptor: number): Promise<ZipFile> =>
  new Promise((resolve, reject) =>
    fromFd(descriptor, { lazyEntries: true, autoClose: false, validateEntrySizes: true }, (error, zip) =>
      error === null ? resolve(zip) : reject(error),
    ),
  )

/** The headers of all entries; null where they exceed a limit. */
const entriesOf = (zip: ZipFile): Promise<readonly Entry[] | null> =>
  new Promise((resolve, reject) => {
    const entries: Entry[] = []
    let bytes = 0
    zip.on('error', reject)
    zip.on('end', () => resolve(entries))
    zip.on('entry', (entry: Entry) => {
      entries.push(entry)
      bytes += entry.uncompressedSize
      const bomb =
        entry.uncompressedSize > smallPart && entry.uncompressedSize > mostRatio * Math.max(1, entry.compressedSize)
      if (bomb || bytes > mostBytes || entries.length > mostEntries) resolve(null)
      else zip.readEntry()
    })
    zip.readEntry()
  })

const textOf = (zip: ZipFile, entry: Entry): Promise<string> =>
  new Promise((resolve, reject) =>
    zip.openReadStream(entry, (error, stream) => {
      if (error !== null) return reject(error)
      let text = ''
      stream.setEncoding('utf8')
      stream.on('data', (chunk: string) => (text += chunk))
      stream.on('error', reject)
      stream.on('end', () => resolve(text))
    }),
  )

const kindOf = (types: string, names: ReadonlySet<string>): 'docx' | 'xlsx' | 'none' => {
  if (/macroEnabled|vbaProject/i.test(types) || [...names].some((name) => /vbaProject\.bin$/i.test(name))) return 'none'
  for (const [type, kind] of Object.entries(mainParts)) {
    if (types.includes(`"${type}"`) && names.has(parts[kind])) return kind
  }
  return 'none'
}

/** Reads a zip through an open descriptor, which stays open. */
export const officeKind = async (descriptor: number): Promise<OfficeKind> => {
  try {
    const zip = await open(descriptor)
    const entries = await entriesOf(zip)
    if (entries === null) return 'none'
    const types = entries.find(({ fileName }) => fileName === '[Content_Types].xml')
    if (types === undefined || types.uncompressedSize > typesLimit || types.isEncrypted()) return 'none'
    return kindOf(await textOf(zip, types), new Set(entries.map(({ fileName }) => fileName)))
  } catch (error) {
    if (isOfDisk(error)) throw error
    return 'damaged'
  }
}
