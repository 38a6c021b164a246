import type { Either } from 'fp-ts/lib/Either.js'
import { sha256 } from '../../adapters/crypto.ts'
import type { Call } from '../../domain/commands.ts'
import type { Principal } from '../../domain/actor.ts'
import type { EventStore } from '../../domain/event-log/event-store.ts'
import type { CommandPorts } from '../../app/commands/ports.ts'
import { noUploads } from '../../domain/files/uploads.ts'

/** Ports with a clock that only `setTime` moves and with ids that count up, so that every run is the same. */
export const testPorts = (store: EventStore): CommandPorts & { readonly setTime: (iso: string) => void } => {
  let now = Date.parse('2026-01-01T00:00:00.000Z')
  let made = 0
  const next = (): string => String(++made).padStart(32, '0')
  return {
    store,
    clock: { now: () => now },
    setTime: (iso) => (now = Date.parse(iso)),
    sha256,
    newSalt: next,
    newId: () => `00000000-0000-4000-8000-${next().slice(-12)}`,
    random: () => 0.5,
    wait: () => new Promise((resolve) => setImmediate(resolve)),
    categories: [
      { id: 'technical', name: 'Technical', retired: false },
      { id: 'fax', name: 'Fax', retired: true },
    ],
    uploads: noUploads,
    team: { isSupport: (person) => ['sue', 'tom'].includes(person) },
    caughtUp: () => Promise.resolve(),
    observe: () => undefined,
  }
}

export const callBy = (caller: Principal, more: Partial<Call> = {}): Call => ({ caller, correlationId: 'c-1', ...more })

/** The right side. @throws Error with the refusal. */
export const right = <E, A>(outcome: Either<E, A>): A => {
  if (outcome._tag === 'Right') return outcome.right
  throw new Error(`refused: ${JSON.stringify(outcome.left)}`)
}

/** The refusal's tag. @throws Error with the right side. */
export const refused = <A>(outcome: Either<{ readonly tag: string }, A>): string => {
  if (outcome._tag === 'Left') return outcome.left.tag
  throw new Error(`not refused: ${JSON.stringify(outcome.right)}`)
}
