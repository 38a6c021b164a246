import { left, right, type Either } from 'fp-ts/lib/Either.js'

/** The most bytes of a name in UTF-8: what common file systems take. */
const byteLimit = 255

/** Control characters, signs that turn the direction of writing, and characters that show as nothing. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u115F\u1160\u3164\uFFA0]/gu

/** Names that Windows keeps for devices, with any extension. */
const reserved = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i

const utf8 = new TextEncoder()

const bytesOf = (text: string): number => utf8.encode(text).length

/** Cuts the stem, never a character in two, so that the whole has at most 255 bytes and its extension stays. */
const shortened = (name: string): string => {
  if (bytesOf(name) <= byteLimit) return name
  const dot = name.lastIndexOf('.')
  const extension = dot > 0 ? name.slice(dot) : ''
  let stem = ''
  let room = byteLimit - bytesOf(extension)
  for (const character of dot > 0 ? name.slice(0, dot) : name) {
    room -= bytesOf(character)
    if (room < 0) break
    stem += character
  }
  return stem + extension
}

/**
 * The name as it is stored and shown: NFC, without path parts and unseen characters, at most 255 bytes. The Left says
 * what is wrong with a name of which nothing usable stays (domain.md, "Files").
 */
export const fileName = (given: string): Either<string, string> => {
  const name = shortened(
    given
      .toWellFormed()
      .normalize('NFC')
      .replaceAll(unseen, '')
      .replace(/^.*[/\\]/s, '')
      .replaceAll(/[<>:"|?*]/g, '_')
      .replaceAll(/\s+/g, ' ')
      .trim()
      .replace(/[. ]+$/, ''),
  )
  if (name === '' || /^\.+[^.]*$/.test(name)) return left('has no name before its extension')
  if (reserved.test(name)) return left('has a name that is reserved on some systems')
  return right(name)
}
