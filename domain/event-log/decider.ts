import type { Either } from 'fp-ts/lib/Either.js'
import type { RecordedEvent } from './envelope.ts'
import type { DomainEvent } from './event-types.ts'

/**
 * The rules of one kind of stream, bound to one command: the initial state, `evolve`, and what the command does (`decide`).
 * Pure: the same command on the same events always decides the same.
 */
export interface Decider<S, E extends DomainEvent, R> {
  readonly initial: S
  readonly evolve: (state: S, event: RecordedEvent) => S
  /**
   * Whether the caller may know of the stream and issue this command. Asked before a repeated command is recognised, so
   * that an idempotency key tells nothing to somebody who may not.
   */
  readonly authorise?: (state: S) => Either<R, void>
  /** The events to append; none where what the command asks for already holds. */
  readonly decide: (state: S) => Either<R | ReadFurther, readonly E[]>
  /**
   * How many of the stream's last events are enough to decide; the whole stream unless given. `decide` answers
   * `readFurther` where they were not.
   */
  readonly tail?: number
}

/** The events that were loaded do not go back far enough to decide. */
export interface ReadFurther {
  readonly tag: 'ReadFurther'
}
export const readFurther: ReadFurther = { tag: 'ReadFurther' }
