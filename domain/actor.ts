import { left, right, type Either } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { AccountId, PersonId } from './ids.ts'

/** Every role that a token may carry (docs/api.md, "Roles"). */
export const Role = t.keyof({ customer: null, support: null, auditor: null, analyst: null, service: null })
export type Role = t.TypeOf<typeof Role>

/** A person as a token or a command names them. */
export const Person = t.readonly(t.strict({ id: PersonId, name: t.string, email: t.string }))
export type Person = t.TypeOf<typeof Person>

/** The part of an actor that is never erased. */
export const ActorRef = t.readonly(
  t.intersection([t.strict({ id: PersonId, role: Role }), t.partial({ account: AccountId })]),
)
export type ActorRef = t.TypeOf<typeof ActorRef>

/** A person's name and mail address. They stand in an event's personal part, which can be erased. */
export const PersonalNames = t.readonly(t.strict({ name: t.string, email: t.string }))
export type PersonalNames = t.TypeOf<typeof PersonalNames>

/** Who issues a command. A customer always has an account, support never has one. */
export type Actor = Customer | Support
export interface Customer extends Person {
  readonly role: 'customer'
  readonly account: AccountId
}
export interface Support extends Person {
  readonly role: 'support'
}

/**
 * The actor of a person, a role and perhaps an account. Left: what is wrong with the account, as a message for its field.
 */
export const actorOf = ({
  id,
  name,
  email,
  role,
  account,
}: Person & { readonly role: Actor['role']; readonly account?: AccountId | undefined }): Either<string, Actor> => {
  if (role === 'support') {
    return account === undefined ? right({ id, name, email, role }) : left('support belongs to no account')
  }
  return account === undefined
    ? left('is missing: a customer belongs to an account')
    : right({ id, name, email, role, account })
}

/** Reads everything and changes nothing. Each history that an auditor reads is recorded. */
export interface Auditor extends Person {
  readonly role: 'auditor'
}

/** Reads reports, and nothing of a ticket. */
export interface Analyst extends Person {
  readonly role: 'analyst'
}

/** A backend service that acts on behalf of a person; of one account only, where it has one. */
export interface Via extends Person {
  readonly role: 'service'
  readonly account?: AccountId
}

/** Everyone who may be signed in: those who act, those who only read, and services. */
export type Principal = Actor | Via | Auditor | Analyst

/** The one account that a caller is bound to; null for those who see all accounts. */
export const accountOf = (caller: Principal): AccountId | null =>
  'account' in caller && caller.account !== undefined ? caller.account : null

/** Who acted, as the event's envelope names them: by id. */
export const refOf = (actor: Principal): ActorRef =>
  'account' in actor && actor.account !== undefined
    ? { id: actor.id, role: actor.role, account: actor.account }
    : { id: actor.id, role: actor.role }

export const namesOf = ({ name, email }: Person): PersonalNames => ({ name, email })

/** Whether somebody may know of an account's tickets and files (docs/api.md, "Roles"). */
export const sees = (caller: Principal, account: AccountId): boolean => {
  switch (caller.role) {
    case 'customer':
      return caller.account === account
    case 'service':
      return caller.account === undefined || caller.account === account
    case 'support':
    case 'auditor':
      return true
    case 'analyst':
      return false
  }
}
