import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Principal } from '../../domain/actor.ts'
import type { Commands } from '../../domain/commands.ts'

/** The most people whose sign-in is remembered; beyond it all are forgotten and recorded sign-ins are looked up again. */
const rememberedPeople = 100_000

/**
 * Records each person's first request in this process, under each name that they have. A failure is logged and does not
 * refuse the request; the next request tries again.
 */
export const recordFirstRequests = (commands: Commands, onFailure: (reason: string) => void) => {
  const recorded = new Map<string, Promise<void>>()
  return async (caller: Principal, correlationId: string): Promise<void> => {
    if (caller.role !== 'customer' && caller.role !== 'support') return
    const key = JSON.stringify([caller.id, caller.name, caller.email])
    const forget = (reason: string): void => {
      recorded.delete(key)
      onFailure(reason)
    }
    const record = async (): Promise<void> =>
      pipe(
        commands.signIn({ caller, correlationId }),
        TE.match(
          ({ tag }) => forget(tag),
          () => undefined,
        ),
      )().catch((error: unknown) => forget(String(error)))
    let known = recorded.get(key)
    if (known === undefined) {
      if (recorded.size >= rememberedPeople) recorded.clear()
      known = record()
      recorded.set(key, known)
    }
    await known
  }
}
