/** A part of a text, with its target where it is an address. */
interface TextPart {
  readonly text: string
  readonly href: string | null
}

// A mail address begins where no address character precedes it: without that, a long word costs quadratic time.
const candidates = /https?:\/\/[^\s<>"]+|(?<![\w.+-])[\w.+-]{1,64}@[a-z\d-]+(?:\.[a-z\d-]+)*\.[a-z]{2,}/giu

const isUnbalanced = (text: string, open: string, close: string): boolean =>
  text.endsWith(close) && text.split(close).length > text.split(open).length

/** A sentence's punctuation behind an address is no part of it; a bracket is, if it was opened within. */
const withoutPunctuation = (text: string): string => {
  let end = text.replace(/[.,;:!?'…»”]{1,64}$/u, '')
  if (isUnbalanced(end, '(', ')') || isUnbalanced(end, '[', ']')) end = withoutPunctuation(end.slice(0, -1))
  return end
}

const linkOf = (found: string): TextPart | null => {
  if (!/^https?:/i.test(found)) return { text: found, href: `mailto:${found}` }
  const text = withoutPunctuation(found)
  return URL.canParse(text) ? { text, href: text } : null
}

/** Splits a text at its web and mail addresses. The parts together are the text. */
export const linkedParts = (text: string): readonly TextPart[] => {
  const parts: TextPart[] = []
  let done = 0
  for (const { 0: found, index } of text.matchAll(candidates)) {
    const link = linkOf(found)
    if (link === null) continue
    if (index > done) parts.push({ text: text.slice(done, index), href: null })
    parts.push(link)
    done = index + link.text.length
  }
  if (done < text.length) parts.push({ text: text.slice(done), href: null })
  return parts
}
