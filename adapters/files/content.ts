import { open, readFile, type FileHandle } from 'node:fs/promises'
import { imageSize } from 'image-size'
import { WASMagic } from 'wasmagic'
import { mostPixels, type Content } from '../../domain/files/kinds.ts'
import { streamNames } from './compound.ts'
import { isOfDisk } from './durable.ts'
import { officeKind } from './office-package.ts'
import { textEncoding } from './text.ts'

const headSize = 4_096

const starts = (head: Uint8Array, ...bytes: readonly number[]): boolean => bytes.every((byte, at) => head[at] === byte)

const isZip = (head: Uint8Array): boolean => starts(head, 0x50, 0x4b, 3, 4) || starts(head, 0x50, 0x4b, 5, 6)
const isCompound = (head: Uint8Array): boolean => starts(head, 0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1)

const images = { 'image/jpeg': 'jpg', 'image/png': 'png', 'image/gif': 'gif' } as const
const others: Readonly<Record<string, 'pdf' | 'rar'>> = {
  'application/pdf': 'pdf',
  'application/vnd.rar': 'rar',
  'application/x-rar': 'rar',
}

const isImage = (mediaType: string): mediaType is keyof typeof images => Object.hasOwn(images, mediaType)

/** An image whose header can be read and whose size is within the limit. */
const image = async (path: string, kind: 'jpg' | 'png' | 'gif'): Promise<Content | null> => {
  try {
    const { type, width, height } = imageSize(await readFile(path))
    const pixels = width * height
    return type === kind && pixels > 0 && pixels <= mostPixels ? kind : null
  } catch (error) {
    if (isOfDisk(error)) throw error
    return null
  }
}

/** libmagic as WebAssembly, loaded by the first file and not at the start of the server. */
let libmagic: Promise<WASMagic> | undefined

const kindAt = async (path: string, file: FileHandle): Promise<Content | null> => {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(headSize), 0, headSize, 0)
  const head = buffer.subarray(0, bytesRead)
  if (isZip(head)) {
    const kind = await officeKind(file.fd)
    return kind === 'none' || kind === 'damaged' ? 'zip' : kind
  }
  if (isCompound(head)) {
    const names = await streamNames(file)
    if (names?.has('WordDocument') === true) return 'doc'
    return names?.has('Workbook') === true || names?.has('Book') === true ? 'xls' : null
  }
  libmagic ??= WASMagic.create()
  const mediaType = (await libmagic).detect(head)
  if (isImage(mediaType)) return image(path, images[mediaType])
  const other = others[mediaType]
  if (other !== undefined) return other
  return (await textEncoding(path, head)) === null ? null : 'text'
}

/**
 * Determines by its bytes alone what a file is; null for content that may not be attached or is incomplete. libmagic
 * recognises signatures; containers and texts are examined further.
 */
export const contentOf = async (path: string): Promise<Content | null> => {
  const file = await open(path)
  try {
    return await kindAt(path, file)
  } finally {
    await file.close()
  }
}
