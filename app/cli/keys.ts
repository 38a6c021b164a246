import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { rotateKeys } from '../../adapters/identity/keyring.ts'
import { readSetting, settings } from '../config.ts'
import type { Failure } from '../failures.ts'
import { withKeyFile } from '../keys.ts'
import { systemPorts } from '../system.ts'
import { print } from './output.ts'

/** `keys rotate`: new keys for sessions, mail links and demo tokens. Running servers use them within a request. */
export const rotate = (env: NodeJS.ProcessEnv, revoke: boolean): TE.TaskEither<Failure, void> =>
  pipe(
    readSetting(env, settings.keysFile),
    E.tap((file) => withKeyFile(() => rotateKeys(file, systemPorts.clock, revoke))),
    TE.fromEither,
    TE.tapTask(
      (file) => () =>
        print(
          revoke
            ? `new keys in ${file}; the old ones are gone: everybody signs in again, and links in older mails end`
            : `new keys in ${file}; the old ones are accepted as long as what they signed is valid`,
        ),
    ),
    TE.map(() => undefined),
  )
