import { left, right, type Either } from 'fp-ts/lib/Either.js'
import type { Request, Response } from 'express'
import type { Principal } from '../../domain/actor.ts'
import { ledgerPosition } from './headers.ts'
import type { Limits } from './limits.ts'
import { accountOf } from './persons.ts'
import type { RoutePorts } from './ports.ts'
import type { Refused } from './problems.ts'
import type { FileReply, Reply, Route, Streamed } from './route.ts'
import { isLocal } from './sign-in.ts'
import { traceOf } from './trace.ts'

/** The longest that a query waits for its own read models. */
const longestWaitMs = 2_000

export interface Gate extends Limits {
  readonly ports: RoutePorts
  readonly authenticate: (request: Request) => Promise<Either<Refused, Principal>>
  readonly signIn: (caller: Principal, correlationId: string) => Promise<void>
}

/** Who calls, within their limit; null where nobody needs to be known. */
const callerOf = async (
  gate: Gate,
  route: Route,
  request: Request,
  response: Response,
): Promise<Either<Refused, Principal | null>> => {
  if (route.access === 'anyone' || (route.access === 'operator' && isLocal(request))) return right(null)
  const trace = traceOf(request)
  const known = await gate.authenticate(request)
  if (known._tag === 'Left') return left((await gate.failures(request, response)) ?? known.left)
  trace.caller = known.right.id
  const limited = await gate.caller(request, response)
  if (limited !== null) return left(limited)
  await gate.signIn(known.right, trace.correlationId)
  return known
}

const roleRefused = (route: Route, caller: Principal | null): Refused | null => {
  if (caller === null || route.access === 'anyone') return null
  const may = route.access === 'operator' ? caller.role === 'service' : route.access.includes(caller.role)
  return may ? null : { tag: 'Forbidden', reason: `the role ${caller.role} may not do this` }
}

const formFor = (route: Route, request: Request): Either<Refused, string> => {
  const offered = route.forms.map(({ mediaType }) => mediaType)
  const accepted = request.accepts([...offered])
  return accepted === false ? left({ tag: 'NotAcceptable', offered }) : right(accepted)
}

/** Waits until this server's read models have reached what the caller has seen elsewhere. */
const caughtUp = async ({ ports }: Gate, route: Route, request: Request): Promise<Refused | null> => {
  if (route.method !== 'get' || !Array.isArray(route.access)) return null
  const position = ledgerPosition(request)
  if (position._tag === 'Left') return position.left
  if (position.right === undefined || (await ports.views.waitFor(position.right, longestWaitMs))) return null
  return { tag: 'NotReady', reason: `the read models have not reached position ${position.right}` }
}

const textOf = (param: string | string[] | undefined): string => (typeof param === 'string' ? param : '')

/** The same person with the same rights. */
const isSame = (caller: Principal | null, again: Either<Refused, Principal>): boolean =>
  again._tag === 'Right' &&
  caller !== null &&
  again.right.id === caller.id &&
  again.right.role === caller.role &&
  accountOf(again.right) === accountOf(caller)

/** The route's own answer, after role, form and position. */
const answered = async (
  gate: Gate,
  route: Route,
  request: Request,
  caller: Principal | null,
): Promise<Either<Refused, Reply | FileReply | Streamed>> => {
  const forbidden = roleRefused(route, caller)
  if (forbidden !== null) return left(forbidden)
  const form = formFor(route, request)
  if (form._tag === 'Left') return form
  const late = await caughtUp(gate, route, request)
  if (late !== null) return left(late)
  const cut = request.url.indexOf('?')
  return route.answer(gate.ports, {
    caller,
    request,
    params: Object.fromEntries(Object.entries(request.params).map(([name, param]) => [name, textOf(param)])),
    search: cut < 0 ? '' : request.url.slice(cut + 1),
    mediaType: form.right,
    correlationId: traceOf(request).correlationId,
    isStillSignedIn: async () => isSame(caller, await gate.authenticate(request)),
  })
}

/**
 * A request's way to its route's answer. What the edge refuses about a ticket that the caller may not know of reads as
 * if there were none: finding comes before every other no (rulings, 11), though it costs a look only when it matters.
 */
export const dispatch = async (
  gate: Gate,
  route: Route,
  request: Request,
  response: Response,
): Promise<Either<Refused, Reply | FileReply | Streamed>> => {
  const known = await callerOf(gate, route, request, response)
  if (known._tag === 'Left') return known
  const caller = known.right
  const answer = await answered(gate, route, request, caller)
  if (answer._tag === 'Right' || caller === null || !route.aboutTicket || answer.left.tag === 'NotFound') return answer
  if (caller.role !== 'customer' && caller.role !== 'service') return answer
  const found = await gate.ports.commands.stream(caller, textOf(request.params['id']))()
  return found._tag === 'Left' && found.left.tag === 'NotFound' ? found : answer
}
