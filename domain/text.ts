/** The limits of texts, in code points after trimming (docs/api.md, "Limits"). */
export const subjectLimit = 200
export const textLimit = 20_000

/**
 * White space, control and zero-width characters are trimmed from a text's ends. Those that change the character before
 * them (variation selectors, the tags of a flag) stay: without them the text would look different.
 */
const meaningless =
  /[\s\p{Cc}\u00AD\u061C\u115F\u1160\u180E\u200B-\u200F\u202A-\u202E\u2060-\u206F\u2800\u3164\uFEFF\uFFA0\uFFF9-\uFFFB]/u

/** Any character that is visible. */
const visible = /[^\s\p{Cc}\p{Default_Ignorable_Code_Point}\u2800\uFFF9-\uFFFB]/u

/** A text without a visible character is blank (docs/domain.md, "Text"). */
const isBlank = (text: string): boolean => !visible.test(text)

/** Empty for a blank text. Linear in its length, which a regular expression anchored at the end is not. */
export const trimmed = (text: string): string => {
  if (isBlank(text)) return ''
  let from = 0
  let to = text.length
  while (meaningless.test(text.charAt(from))) from++
  while (meaningless.test(text.charAt(to - 1))) to--
  return text.slice(from, to)
}

/** Length in code points, not in UTF-16 units. */
export const lengthOf = (text: string): number => {
  let length = 0
  for (const _ of text) length++
  return length
}

/** A run of combining marks longer than any writing needs; the last two become marks in NFKC. */
const markRun = /([\p{M}\uFF9E\uFF9F]{30})[\p{M}\uFF9E\uFF9F]+/gu

/**
 * A text in a Unicode normalisation form, in linear time: putting a run of combining marks into order takes the square of
 * its length, so of each run only the first 30 are kept (the limit of UAX #15, "Stream-Safe Text Format").
 */
export const normalized = (text: string, form: 'NFC' | 'NFKC' | 'NFKD'): string =>
  text.replaceAll(markRun, '$1').normalize(form)
