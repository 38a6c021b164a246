/**
 * Texts as people type them. Limits are in characters (code points) after trimming (contract, section 6).
 */
export const subjectLimit = 200
export const textLimit = 20_000

/** White space, control and zero-width characters: what a person sees as nothing. */
const invisible = String.raw`[\s\p{Cc}\p{Cf}\u115F\u1160\u3164\uFFA0\u2800]`
const around = new RegExp(`^${invisible}+|${invisible}+$`, 'gu')

/** Blank means empty after this (domain.md, first bullet below the table). */
export const trimmed = (text: string): string => text.replace(around, '')

export const isBlank = (text: string): boolean => trimmed(text) === ''

/** Length in code points: what a reader would count, and the same in every language. */
export const lengthOf = (text: string): number => {
  let length = 0
  for (const _ of text) length++
  return length
}
