import { isDeepStrictEqual } from 'node:util'
import * as assert from 'uvu/assert'

const pollMs = 10
/** Reached only where something hangs, in ms: a busy machine takes seconds. */
const longestMs = 120_000

/** Resolves once the condition holds. @throws Error where it does not within two minutes. */
export const until = async (holds: () => Promise<boolean> | boolean): Promise<void> => {
  const end = Date.now() + longestMs
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`after ${longestMs / 1_000} s this does not hold: ${holds.toString()}`)
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
}

/** Resolves once reading gives the expected value: read models may follow a command's answer. */
export const eventually = async <A>(read: () => Promise<A>, expected: A): Promise<void> => {
  let actual = await read()
  const isThere = async (): Promise<boolean> => isDeepStrictEqual((actual = await read()), expected)
  await until(isThere).catch(() => assert.equal(actual, expected))
}
