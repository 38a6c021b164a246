import type { Team } from '../../domain/commands.ts'
import type { Position } from '../../domain/event-log/envelope.ts'
import type { Uploads } from '../../domain/files/uploads.ts'
import type { ListedCategory } from '../../domain/ticket/category.ts'
import type { CommandHandlerPorts } from './command-handler.ts'

/** What the commands need of the outside. */
export interface CommandPorts extends CommandHandlerPorts {
  /** A random UUID, for commands without a key. */
  readonly newId: () => string
  readonly categories: readonly ListedCategory[]
  readonly uploads: Uploads
  readonly team: Team
  /**
   * Resolves when this server's read models hold the position, or after a bounded time
   * (docs/adr/0014-answers-wait-for-read-models.md).
   */
  readonly caughtUp: (position: Position) => Promise<void>
}
