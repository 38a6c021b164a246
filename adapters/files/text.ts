import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { isOfDisk } from './durable.ts'

/** NUL and the other control characters, except tab, line breaks, form feed and escape: not part of text. */
// oxlint-disable-next-line no-control-regex
const nonText = /[\u0000-\u0008\u000B\u000E-\u001A\u001C-\u001F]/

const readAs = async (path: string, encoding: string): Promise<boolean> => {
  const decoder = new TextDecoder(encoding, { fatal: true })
  try {
    const bytes: AsyncIterable<Uint8Array> = createReadStream(path)
    for await (const chunk of bytes) {
      if (nonText.test(decoder.decode(chunk, { stream: true }))) return false
    }
    return !nonText.test(decoder.decode())
  } catch (error) {
    if (isOfDisk(error)) throw error
    return false
  }
}

const encodingOf = (head: Uint8Array): readonly string[] => {
  if (head[0] === 0xff && head[1] === 0xfe) return ['utf-16le']
  if (head[0] === 0xfe && head[1] === 0xff) return ['utf-16be']
  // Spreadsheets still write Windows-1252, where every byte is a character: only control characters show binary data.
  return ['utf-8', 'windows-1252']
}

/** The encoding in which the whole file is text; null where it is not text. The file is read as a stream. */
export const textEncoding = async (path: string, head: Uint8Array): Promise<string | null> => {
  for (const encoding of encodingOf(head)) if (await readAs(path, encoding)) return encoding
  return null
}

/** The encoding of a file on the disk, by its WHATWG label; null where it is not text. */
export const encodingOfFile = async (path: string): Promise<string | null> => {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0)
    return await textEncoding(path, buffer.subarray(0, bytesRead))
  } finally {
    await file.close()
  }
}
