import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Decider } from '../../domain/event-log/decider.ts'
import { fingerprintOf, importStream, commandIdFrom, personId } from '../../domain/ids.ts'
import type { ImportProgressed } from '../../domain/import/events.ts'
import type { Refusal } from '../../domain/refusal.ts'
import { createCommandHandler } from '../commands/command-handler.ts'
import { loadStream } from '../commands/load-stream.ts'
import type { CommandPorts } from '../commands/ports.ts'

/** How far each file of a source was imported, as events of the log: `digest` is the file's SHA-256. */
export interface ImportProgress {
  /** How many lines of this very file were imported; 0 for a file that was not. */
  readonly done: (digest: string) => TE.TaskEither<Refusal, number>
  readonly reached: (digest: string, lines: number) => TE.TaskEither<Refusal, void>
}

const progressed = (event: ImportProgressed): Decider<null, ImportProgressed, never> => ({
  initial: null,
  evolve: () => null,
  decide: () => E.right([event]),
  tail: 1,
})

export const importProgress = (ports: CommandPorts, source: string): ImportProgress => {
  const stream = importStream(source)
  const transact = createCommandHandler(ports)
  return {
    done: (digest) =>
      pipe(
        loadStream(ports.store, ports.sha256)(stream),
        TE.map(({ events }) =>
          events.reduce(
            (lines, { type, data }) =>
              type === 'ImportProgressed' && data.digest === digest ? Math.max(lines, data.lines) : lines,
            0,
          ),
        ),
      ),
    reached: (digest, lines) => {
      const event: ImportProgressed = { type: 'ImportProgressed', data: { digest, lines }, personal: {} }
      return pipe(
        transact(stream, progressed(event), {
          actor: { id: personId(`import:${source}`), name: `Import from ${source}`, email: '', role: 'service' },
          commandId: commandIdFrom(ports.newId()),
          correlationId: ports.newId(),
          fingerprint: fingerprintOf(ports.sha256, event),
          imported: source,
        }),
        TE.map(() => undefined),
      )
    },
  }
}
