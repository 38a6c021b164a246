/** Text that is HTML already; everything else is escaped. */
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

const shown = (value: string | Html | readonly Html[]): string => {
  if (typeof value === 'string') return escaped(value)
  return 'html' in value ? value.html : value.map(({ html: each }) => each).join('')
}

/**
 * A template that escapes whatever stands in it, for text and for attributes in double quotes alike:
 * html`<p title="${name}">${name}</p>`.
 */
export const html = (parts: TemplateStringsArray, ...values: readonly (string | Html | readonly Html[])[]): Html => ({
  html: parts.reduce((before, part, n) => before + shown(values[n - 1] ?? '') + part),
})

/** A text of several lines, its breaks kept. */
export const lines = (text: string): Html => ({ html: escaped(text).replaceAll('\n', '<br>\n') })
