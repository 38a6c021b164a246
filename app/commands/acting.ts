import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { accountOf, actorOf, type Actor, type Principal, type Via } from '../../domain/actor.ts'
import type { Uploader } from '../../domain/files/uploads.ts'
import { invalid, type Refusal } from '../../domain/refusal.ts'
import type { OnBehalfOf } from '../../domain/ticket/commands/define-command.ts'

/** Who acts, and the service that does so for them. */
export interface Acting {
  readonly actor: Actor
  readonly via?: Via
}

const forbidden = (reason: string): E.Either<Refusal, never> => E.left({ tag: 'Forbidden', reason })

const mayActFor = (service: Via, actor: Actor): boolean =>
  service.account === undefined || (actor.role === 'customer' && actor.account === service.account)

/** The caller, or for a service the person whom its body names. */
export const acting = (caller: Principal, onBehalfOf: OnBehalfOf | undefined): E.Either<Refusal, Acting> => {
  switch (caller.role) {
    case 'auditor':
    case 'analyst':
      return forbidden(`the role ${caller.role} changes nothing`)
    case 'customer':
    case 'support':
      return onBehalfOf === undefined
        ? E.right({ actor: caller })
        : forbidden('only a service acts on behalf of somebody')
    case 'service':
      return pipe(
        E.fromNullable(invalid('onBehalfOf', 'is missing: a service acts for a person'))(onBehalfOf),
        E.flatMap((person) =>
          pipe(
            actorOf(person),
            E.mapLeft((message): Refusal => invalid('onBehalfOf.account', message)),
          ),
        ),
        E.filterOrElse(
          (actor) => mayActFor(caller, actor),
          (): Refusal => ({ tag: 'Forbidden', reason: 'this service acts for customers of its own account only' }),
        ),
        E.map((actor) => ({ actor, via: caller })),
      )
  }
}

/** Whose uploads the command may use: the service's own, if one acts. */
export const uploaderOf = ({ actor, via }: Acting): Uploader => {
  const owner = via ?? actor
  return { id: owner.id, account: accountOf(owner) }
}
