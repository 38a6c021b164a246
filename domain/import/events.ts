import * as t from 'io-ts'

/** How far an import got, kept as a fact in `import-<source>` (rulings, 12). `digest` is the file's SHA-256. */
export const ImportProgressed = t.strict({
  type: t.literal('ImportProgressed'),
  data: t.strict({ digest: t.string, lines: t.number }),
  personal: t.strict({}),
})
export type ImportProgressed = t.TypeOf<typeof ImportProgressed>
