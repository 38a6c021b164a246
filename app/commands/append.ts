import { left, right, type Either } from 'fp-ts/lib/Either.js'
import type { Call } from '../../domain/commands.ts'
import { refusalOf } from '../../domain/refusal.ts'
import type { Appended } from '../../domain/event-log/event-store.ts'
import { sealEvents, type CommandContext } from '../../domain/event-log/seal-events.ts'
import type { DomainEvent } from '../../domain/event-log/event-types.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { PipelinePorts } from './ports.ts'
import type { Loaded } from './load-stream.ts'

/** Somebody else wrote to the stream first: load again and decide again. */
export interface Outrun {
  readonly tag: 'Outrun'
}

/** Which command writes: its id and the fingerprint of its body. */
export interface CommandMark {
  readonly commandId: string
  readonly fingerprint: string
}

/** A live clock never goes back within a stream; a recorded time that does is refused (rulings, 8). */
const occurredAt = (call: Call, now: string, lastAt: string): Either<Refusal, string> => {
  if (call.imported === undefined) return right(now > lastAt ? now : lastAt)
  return call.imported.at < lastAt ? left({ tag: 'OutOfOrder', last: lastAt }) : right(call.imported.at)
}

/** Appends what was decided on the loaded stream, and waits for this server's read models. */
export const write = (ports: PipelinePorts) => {
  const seal = sealEvents(ports.sha256, ports.newSalt)
  return async (
    call: Call,
    { actor, via }: Pick<CommandContext, 'actor' | 'via'>,
    mark: CommandMark,
    stream: string,
    loaded: Pick<Loaded, 'head' | 'lastAt'>,
    events: readonly DomainEvent[],
  ): Promise<Either<Refusal | Outrun, Appended>> => {
    const now = new Date(ports.clock.now()).toISOString()
    const at = occurredAt(call, now, loaded.lastAt)
    if (at._tag === 'Left') return at
    const sealed = seal(
      stream,
      loaded.head,
      {
        actor,
        ...(via === undefined ? {} : { via }),
        ...mark,
        correlationId: call.correlationId,
        occurredAt: at.right,
        recordedAt: now,
        ...(call.imported === undefined ? {} : { imported: call.imported.source }),
      },
      events,
    )
    const appended = await ports.store.append(stream, loaded.head.version, sealed)()
    if (appended._tag === 'Left') {
      if (appended.left.tag !== 'WrongExpectedVersion') return left(refusalOf(appended.left))
      ports.observe('conflict')
      return left({ tag: 'Outrun' })
    }
    ports.observe('append')
    await ports.caughtUp(appended.right.position)
    return appended
  }
}
