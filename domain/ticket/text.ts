/**
 * Texts as people type them. Limits are in characters (code points) after trimming (contract, section 6).
 */
export const subjectLimit = 200
export const textLimit = 20_000

/**
 * White space, control and zero-width characters at a text's ends mean nothing. Those that change the sign before them
 * (variation selectors, the tags of a flag) stay: without them a person would see another sign.
 */
const meaningless =
  /[\s\p{Cc}\u00AD\u061C\u115F\u1160\u180E\u200B-\u200F\u202A-\u202E\u2060-\u206F\u2800\u3164\uFEFF\uFFA0\uFFF9-\uFFFB]/u

/** Anything that a person can see. */
const visible = /[^\s\p{Cc}\p{Default_Ignorable_Code_Point}\u2800\uFFF9-\uFFFB]/u

/** Blank means nothing to see (domain.md, first bullet below the table). */
const isBlank = (text: string): boolean => !visible.test(text)

/** Empty for a blank text. Linear: a regular expression that looks for the end again from each blank is not. */
export const trimmed = (text: string): string => {
  if (isBlank(text)) return ''
  let from = 0
  let to = text.length
  while (meaningless.test(text.charAt(from))) from++
  while (meaningless.test(text.charAt(to - 1))) to--
  return text.slice(from, to)
}

/** Length in code points: what a reader would count, and the same in every language. */
export const lengthOf = (text: string): number => {
  let length = 0
  for (const _ of text) length++
  return length
}
