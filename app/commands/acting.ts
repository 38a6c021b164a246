import { left, right, type Either } from 'fp-ts/lib/Either.js'
import type { Actor, Via } from '../../domain/actor.ts'
import type { Principal } from '../../domain/actor.ts'
import type { Uploader } from '../../domain/files/uploads.ts'
import { invalid, type Refusal } from '../../domain/refusal.ts'
import type { OnBehalfOf } from '../../domain/ticket/bodies.ts'

export interface Acting {
  readonly actor: Actor
  readonly via?: Via
}

const forbidden = (reason: string): Either<Refusal, never> => left({ tag: 'Forbidden', reason })

const named = ({ id, name, email, role, account }: OnBehalfOf): Either<Refusal, Actor> => {
  if (role === 'support') {
    return account === undefined
      ? right({ id, name, email, role })
      : left(invalid('onBehalfOf.account', 'support belongs to no account'))
  }
  return account === undefined
    ? left(invalid('onBehalfOf.account', 'is missing: a customer belongs to an account'))
    : right({ id, name, email, role, account })
}

/** Who acts: the caller, or for a service the person that its body names. */
export const acting = (caller: Principal, onBehalfOf: OnBehalfOf | undefined): Either<Refusal, Acting> => {
  switch (caller.role) {
    case 'auditor':
    case 'analyst':
      return forbidden(`the role ${caller.role} changes nothing`)
    case 'customer':
    case 'support':
      return onBehalfOf === undefined
        ? right({ actor: caller })
        : forbidden('only a service acts on behalf of somebody')
    case 'service': {
      if (onBehalfOf === undefined) return left(invalid('onBehalfOf', 'is missing: a service acts for a person'))
      const actor = named(onBehalfOf)
      if (actor._tag === 'Left') return actor
      const outside =
        caller.account !== undefined && (actor.right.role !== 'customer' || actor.right.account !== caller.account)
      return outside
        ? forbidden('this service acts for customers of its own account only')
        : right({ actor: actor.right, via: caller })
    }
  }
}

/** Whose uploads the command may use: the service's own, if one acts. */
export const uploaderOf = ({ actor, via }: Acting): Uploader => {
  const { id, ...rest } = via ?? actor
  return { id, account: 'account' in rest ? (rest.account ?? null) : null }
}
