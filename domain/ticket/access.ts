import type { Principal } from '../actor.ts'
import type { AccountId } from '../ids.ts'

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
