import { setTimeout as wait } from 'node:timers/promises'
import { newId, newSalt, sha256 } from '../adapters/crypto.ts'

/** The real clock, randomness and hash: what tests replace by their own. */
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
