import { left, right, type Either } from 'fp-ts/lib/Either.js'
import { normalized } from '../text.ts'

/** The most bytes of a name in UTF-8: the limit of common file systems. */
const byteLimit = 255

/** Control characters, marks that change the direction of writing, and invisible characters. */
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u115F\u1160\u3164\uFFA0]/gu

/** Names that Windows reserves for devices, with any extension. */
const reserved = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i

const utf8 = new TextEncoder()

const bytesOf = (text: string): number => utf8.encode(text).length

/** Shortens the stem at a character boundary, so that the name has at most 255 bytes and keeps its extension. */
const shortened = (name: string): string => {
  if (bytesOf(name) <= byteLimit) return name
  const dot = name.lastIndexOf('.')
  const extension = dot > 0 ? name.slice(dot) : ''
  let stem = ''
  let available = byteLimit - bytesOf(extension)
  for (const character of dot > 0 ? name.slice(0, dot) : name) {
    available -= bytesOf(character)
    if (available < 0) break
    stem += character
  }
  return stem + extension
}

/** Without the dots and spaces at its end, in linear time. */
const withoutEnd = (name: string): string => {
  let end = name.length
  while (end > 0 && '. '.includes(name.charAt(end - 1))) end--
  return name.slice(0, end)
}

/**
 * The name as it is stored and shown (docs/domain.md, "Files"): NFC, without path parts and invisible characters, at most
 * 255 bytes. Left: why nothing usable remains of the name.
 */
export const fileName = (given: string): Either<string, string> => {
  const name = shortened(
    withoutEnd(
      normalized(given.toWellFormed(), 'NFC')
        .replaceAll(invisible, '')
        .replace(/^.*[/\\]/s, '')
        .replaceAll(/[<>:"|?*]/g, '_')
        .replaceAll(/\s+/g, ' ')
        .trim(),
    ),
  )
  if (name === '' || /^\.+[^.]*$/.test(name)) return left('has no name before its extension')
  if (reserved.test(name)) return left('has a name that is reserved on some systems')
  return right(name)
}
