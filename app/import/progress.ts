import type { EventStore } from '../../domain/event-log/event-store.ts'
import { readEvent } from '../../domain/event-log/decode-event.ts'
import { emptyStream, sealEvents } from '../../domain/event-log/seal-events.ts'
import { fingerprintOf, importStream } from '../../domain/ids.ts'
import type { PipelinePorts } from '../commands/ports.ts'

/** How far each file of a source was played, kept as facts in the log (rulings, 12). */
export interface Progress {
  /** Lines of this very file that need not be looked at again. */
  readonly done: (digest: string) => Promise<number>
  readonly reached: (digest: string, lines: number) => Promise<void>
}

const failed = (what: string, failure: { readonly tag: string }): never => {
  throw new Error(`${what}: ${failure.tag}`)
}

export const progressOf = (
  ports: Pick<PipelinePorts, 'store' | 'clock' | 'sha256' | 'newSalt' | 'newId'>,
  source: string,
): Progress => {
  const stream = importStream(source)
  const seal = sealEvents(ports.sha256, ports.newSalt)

  const done: Progress['done'] = async (digest) => {
    const stored = await ports.store.readStream(stream)()
    if (stored._tag === 'Left') return failed('the import progress cannot be read', stored.left)
    let lines = 0
    for (const each of stored.right) {
      const event = readEvent(each)
      if (event?.type === 'ImportProgressed' && event.data.digest === digest) lines = Math.max(lines, event.data.lines)
    }
    return lines
  }

  const reached: Progress['reached'] = async (digest, lines) => {
    const event = { type: 'ImportProgressed', data: { digest, lines }, personal: {} } as const
    const last = await lastOf(ports.store, stream)
    const now = new Date(ports.clock.now()).toISOString()
    const sealed = seal(
      stream,
      last,
      {
        actor: { id: `import:${source}`, name: `Import from ${source}`, email: '', role: 'service' },
        commandId: ports.newId(),
        correlationId: ports.newId(),
        fingerprint: fingerprintOf(ports.sha256, event),
        occurredAt: now,
        recordedAt: now,
        imported: source,
      },
      [event],
    )
    const appended = await ports.store.append(stream, last.version, sealed)()
    // Another import of the same source wrote first: its tickets are recognised by their keys all the same.
    if (appended._tag === 'Left' && appended.left.tag !== 'WrongExpectedVersion') {
      failed('the import progress cannot be recorded', appended.left)
    }
  }

  return { done, reached }
}

const lastOf = async (
  store: EventStore,
  stream: string,
): Promise<{ readonly version: number; readonly hash: string }> => {
  const stored = await store.readStream(stream, { direction: 'backwards', limit: 1 })()
  if (stored._tag === 'Left') return failed('the import progress cannot be read', stored.left)
  return stored.right[0] ?? emptyStream
}
