import * as t from 'io-ts'

/**
 * The progress of an import, in the stream `import-<source>`: the file's SHA-256 and the number of its lines that are done
 * (docs/adr/0025-imports-and-copies.md).
 */
const ImportProgressed = t.strict({
  type: t.literal('ImportProgressed'),
  data: t.strict({ digest: t.string, lines: t.number }),
  personal: t.strict({}),
})

/** Each type of event of an import's stream, with its schema version (`domain/event-log/event-types.ts`). */
export const importProgressEvents = { ImportProgressed: { schema: 1, codec: ImportProgressed } } as const

export type ImportProgressed = t.TypeOf<typeof ImportProgressed>
