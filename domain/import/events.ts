import * as t from 'io-ts'

/**
 * The progress of an import, in the stream `import-<source>`: the file's SHA-256 and the number of its lines that are done
 * (docs/adr/0025-imports-and-copies.md).
 */
export const ImportProgressed = t.strict({
  type: t.literal('ImportProgressed'),
  data: t.strict({ digest: t.string, lines: t.number }),
  personal: t.strict({}),
})
export type ImportProgressed = t.TypeOf<typeof ImportProgressed>
