import type { Team } from '../../domain/commands.ts'
import type { Clock } from '../../domain/clock.ts'
import type { EventStore } from '../../domain/event-log/event-store.ts'
import type { Position } from '../../domain/event-log/envelope.ts'
import type { Sha256 } from '../../domain/event-log/hash.ts'
import type { Uploads } from '../../domain/files/uploads.ts'
import type { Category } from '../../domain/ticket/commands.ts'

/** All that the pipeline needs of the outside. */
export interface PipelinePorts {
  readonly store: EventStore
  readonly clock: Clock
  readonly sha256: Sha256
  /** 16 random bytes as 32 hex digits. */
  readonly newSalt: () => string
  /** A random UUID, for commands without a key. */
  readonly newId: () => string
  /** A number in [0, 1), for the jitter between attempts. */
  readonly random: () => number
  /** Resolves after so many milliseconds. */
  readonly wait: (ms: number) => Promise<void>
  readonly categories: readonly (Category & { readonly retired: boolean })[]
  readonly uploads: Uploads
  readonly team: Team
  /** Resolves when this server's read models hold the position, or after a bounded time (rulings, 13). */
  readonly caughtUp: (position: Position) => Promise<void>
  readonly observe: (what: 'append' | 'conflict') => void
}
