import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { codeOf, messageOf } from '../adapters/errors.ts'
import { openKeyring, type Keyring } from '../adapters/identity/keyring.ts'
import { readSecretFile } from '../adapters/own-files.ts'
import type { Clock } from '../domain/clock.ts'
import type { Config } from './config.ts'
import { Failed, type Failure } from './failures.ts'

/** Uses the key file; what is wrong with the file is a Left, what is wrong with the machine is thrown with its code. */
export const withKeyFile = <A>(use: () => A): E.Either<Failure, A> => {
  try {
    return E.right(use())
  } catch (error) {
    if (codeOf(error) !== '') throw error
    return E.left({ code: 'UnusableKeys', reason: messageOf(error) })
  }
}

/**
 * The keys of this file, which is made where there is none. Others must not reach the folder's `tree-key` either, which is
 * read later.
 * @throws Failed where a key file must not be used.
 */
export const openKeys = (
  { keysFile, data }: Pick<Config, 'keysFile' | 'data'>,
  clock: Clock,
  onError?: (error: unknown) => void,
): Keyring => {
  const opened = withKeyFile(() => {
    readSecretFile(join(data, 'tree-key'))
    return openKeyring(keysFile, clock, onError)
  })
  if (E.isLeft(opened)) throw new Failed(opened.left)
  return opened.right
}
