import type { ServerResponse } from 'node:http'

/** Smaller answers are never refused. */
const smallBytes = 64 * 1024
/** The most bytes of larger answers that clients have not read yet: of all callers, and of one. */
const allBytes = 256 * 1024 * 1024
const callerBytes = 64 * 1024 * 1024

/** Bounds the memory of large answers that wait for clients who do not read them. */
export interface AnswerBudget {
  /**
   * Whether an answer of this many bytes may be sent now; it counts until the response is sent or its connection closed.
   * `caller`: the id of who reads it, or the address.
   */
  readonly admit: (response: ServerResponse, bytes: number, caller: string) => boolean
}

export const createAnswerBudget = (): AnswerBudget => {
  const byCaller = new Map<string, number>()
  let all = 0
  const count = (caller: string, bytes: number): void => {
    all += bytes
    const own = (byCaller.get(caller) ?? 0) + bytes
    if (own > 0) byCaller.set(caller, own)
    else byCaller.delete(caller)
  }
  return {
    admit: (response, bytes, caller) => {
      if (bytes <= smallBytes || response.destroyed) return true
      // Alone an answer may be of any size, or it could never be sent.
      const own = byCaller.get(caller) ?? 0
      if (own > 0 && own + bytes > callerBytes) return false
      if (all > 0 && all + bytes > allBytes) return false
      count(caller, bytes)
      response.once('close', () => count(caller, -bytes))
      return true
    },
  }
}
