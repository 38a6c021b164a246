import type { PersonalNames } from '../../domain/actor.ts'
import type { Principal } from '../../domain/actor.ts'
import type { PersonAnswer } from './response-schemas.ts'
import type { Reader } from './views.ts'

/** Mails of others are for support and auditors alone (rulings, 1). */
export const seesMail = ({ role }: Principal): boolean => role === 'support' || role === 'auditor'

type Names = ReadonlyMap<string, PersonalNames>

/** A person as this caller may see them: under the name last seen, else the one that the event recorded. */
export const personAnswer =
  (caller: Principal, lastSeen: Names) =>
  (id: string, recorded: PersonalNames | null = null): PersonAnswer => {
    const names = lastSeen.get(id) ?? recorded
    const answer = { id, name: names?.name ?? null }
    return seesMail(caller) ? { ...answer, email: names?.email ?? null } : answer
  }

/** Whose marks count: only those who act have any. */
export const readerOf = (caller: Principal): Reader | null => {
  switch (caller.role) {
    case 'customer':
      return { id: caller.id, role: caller.role, account: caller.account }
    case 'support':
      return { id: caller.id, role: caller.role }
    default:
      return null
  }
}

/** The one account that a caller is bound to; null for those who see all. */
export const accountOf = (caller: Principal): string | null =>
  'account' in caller && caller.account !== undefined ? caller.account : null
