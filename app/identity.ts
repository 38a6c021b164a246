import * as E from 'fp-ts/lib/Either.js'
import type { Logger } from 'pino'
import type { HttpPorts } from '../adapters/http/ports.ts'
import { demoIdentity } from '../adapters/identity/demo.ts'
import { demoPeople } from '../adapters/identity/demo-people.ts'
import type { Keyring } from '../adapters/identity/keyring.ts'
import { createProvider } from '../adapters/identity/oidc/provider.ts'
import { createSessions } from '../adapters/identity/sessions.ts'
import type { Clock } from '../domain/clock.ts'
import type { Config } from './config.ts'
import { Failed } from './failures.ts'
import { providerOf } from './sign-in-config.ts'

type IdentityPorts = Pick<HttpPorts, 'identity' | 'sessions' | 'provider' | 'demoPeople' | 'onSignInRefused' | 'now'>

/** How callers are known: by demo sign-in, or at the provider. @throws Failed where its settings are incomplete. */
export const openIdentity = (config: Config, keys: Keyring, clock: Clock, log: Logger): IdentityPorts => {
  const common = {
    sessions: createSessions(keys, clock),
    now: clock.now,
    onSignInRefused: ({ tag, reason }: { readonly tag: string; readonly reason: string }) =>
      log.warn({ why: tag, reason }, 'a sign-in was refused'),
  }
  if (config.auth === 'demo') return { ...common, identity: demoIdentity(keys, clock), provider: null, demoPeople }
  const settings = providerOf(config)
  if (E.isLeft(settings)) throw new Failed(settings.left)
  const provider = createProvider(settings.right.settings, settings.right.roles, keys, clock)
  return { ...common, identity: provider, provider, demoPeople: [] }
}
