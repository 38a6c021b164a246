import { setTimeout as wait } from 'node:timers/promises'
import { newId, newSalt, sha256 } from '../adapters/crypto.ts'

/** The ports for time, randomness and hashing; tests use others (docs/adr/0027-time-ids-and-randomness-as-ports.md). */
export const systemPorts = {
  clock: { now: () => Date.now() },
  sha256,
  newSalt,
  newId,
  random: Math.random,
  wait: async (ms: number): Promise<void> => {
    await wait(ms)
  },
}
