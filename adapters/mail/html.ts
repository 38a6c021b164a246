/** Text that is HTML already; all other text is escaped. */
export interface Html {
  readonly html: string
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '')

const rendered = (value: string | Html | readonly Html[]): string => {
  if (typeof value === 'string') return escaped(value)
  return 'html' in value ? value.html : value.map(({ html: each }) => each).join('')
}

/**
 * A template tag that escapes every value, for text and for attributes in double quotes alike:
 * html`<p title="${name}">${name}</p>`.
 */
export const html = (parts: TemplateStringsArray, ...values: readonly (string | Html | readonly Html[])[]): Html => ({
  html: parts.reduce((before, part, n) => before + rendered(values[n - 1] ?? '') + part),
})

/** Text of several lines, with its line breaks. */
export const lines = (text: string): Html => ({ html: escaped(text).replaceAll('\n', '<br>\n') })
