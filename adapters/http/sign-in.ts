import type { IncomingMessage } from 'node:http'
import { left, type Either } from 'fp-ts/lib/Either.js'
import type { Commands } from '../../domain/commands.ts'
import type { Principal } from '../../domain/actor.ts'
import type { Identity } from '../identity/identity.ts'
import { sessionOf } from '../identity/sessions.ts'
import { bearerToken } from './headers.ts'
import type { Refused } from './problems.ts'
import { isFromOurPages, sessionToken } from './session-cookie.ts'
import { listsAreMade, type Views } from './views.ts'

const isReading = ({ method }: IncomingMessage): boolean => method === 'GET' || method === 'HEAD'

/**
 * Who sends this request: by its token, else by its session, which may change things only from our own pages. Signed out
 * is signed out, wherever a copy of the token lies; a session is not believed while it cannot be told that it goes on.
 */
export const authenticate =
  (identity: Identity, views: Pick<Views, 'isOver' | 'ready'>) =>
  async (request: IncomingMessage): Promise<Either<Refused, Principal>> => {
    const bearer = bearerToken(request)
    const token = bearer ?? sessionToken(request)
    if (token === null) return left({ tag: 'Unauthenticated', token: 'missing' })
    if (bearer === null && !views.ready()) return left(listsAreMade)
    if (views.isOver(sessionOf(token))) return left({ tag: 'Unauthenticated', token: 'missing' })
    if (bearer === null && !isReading(request) && !isFromOurPages(request)) {
      return left({ tag: 'Forbidden', reason: 'a session changes things only from the pages of this server' })
    }
    const known = await identity.authenticate(token)
    if (known._tag === 'Right') return known
    return left({ tag: 'Unauthenticated', token: known.left.reason === 'expired' ? 'expired' : 'invalid' })
  }

/** So many people are remembered; beyond, all are asked for once more. */
const remembered = 100_000

/**
 * Tells the Desk of each person's first request in this process, under each name they have. A failure is no reason to
 * refuse reading: it is told, and the next request tries again.
 */
export const firstSignIn = (commands: Commands, failed: (tag: string) => void) => {
  const known = new Map<string, Promise<void>>()
  return async (caller: Principal, correlationId: string): Promise<void> => {
    if (caller.role !== 'customer' && caller.role !== 'support') return
    const key = JSON.stringify([caller.id, caller.name, caller.email])
    let told = known.get(key)
    if (told === undefined) {
      if (known.size >= remembered) known.clear()
      told = commands
        .signIn({ caller, correlationId })()
        .then((done) => {
          if (done._tag === 'Right') return
          known.delete(key)
          failed(done.left.tag)
        })
        .catch((error: unknown) => {
          known.delete(key)
          failed(String(error))
        })
      known.set(key, told)
    }
    await told
  }
}

/** Whether a request comes from this machine itself, and through nothing that forwards. */
export const isLocal = ({ headers, socket }: IncomingMessage): boolean =>
  /^(::1|(::ffff:)?127(\.\d{1,3}){3})$/.test(socket.remoteAddress ?? '') &&
  ['forwarded', 'x-forwarded-for', 'via'].every((name) => headers[name] === undefined)
