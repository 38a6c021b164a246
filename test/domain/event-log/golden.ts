import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as t from 'io-ts'
import { Position } from '../../../domain/event-log/envelope.ts'
import { EventId, StreamName } from '../../../domain/ids.ts'

/**
 * Events as each version wrote them. `stored` is never changed; `reads` is what `decodeEvent` returns for it today, and is
 * updated when an upcaster is added. `make-golden.ts` writes new files.
 */
const Stored = t.strict({
  id: EventId,
  stream: StreamName,
  version: t.number,
  position: Position,
  type: t.string,
  envelope: t.string,
  data: t.string,
  personal: t.string,
  salt: t.string,
  personalDigest: t.string,
  previousHash: t.string,
  hash: t.string,
})
const Golden = t.array(t.strict({ stored: Stored, reads: t.UnknownRecord }))
export type Golden = t.TypeOf<typeof Golden>

export const goldenFolder = join(import.meta.dirname, '../golden')

/** The names of all golden files, such as `Opened.v1`. */
export const goldenNames = (): string[] =>
  readdirSync(goldenFolder)
    .filter((file) => /\.v\d+\.json$/.test(file))
    .map((file) => file.slice(0, -'.json'.length))
    .toSorted()

export const readGolden = (name: string): Golden => {
  const decoded = Golden.decode(JSON.parse(readFileSync(join(goldenFolder, `${name}.json`), 'utf8')))
  if (decoded._tag === 'Right') return decoded.right
  throw new Error(`${name}.json is no golden file`)
}

/** The shape of each codec when its version was introduced: `{"Opened.v1": …}`. */
export const readCodecs = (): Readonly<Record<string, unknown>> => {
  const codecs: unknown = JSON.parse(readFileSync(join(goldenFolder, 'codecs.json'), 'utf8'))
  if (t.UnknownRecord.is(codecs)) return codecs
  throw new Error('codecs.json is no object')
}
