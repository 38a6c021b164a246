import type { AccountId } from '../domain/ids.ts'

/** Rows are kept by scope: all accounts together, or one account, written `=account`. */
export const everyAccount = '*' as const
export type AccountScope = typeof everyAccount | `=${string}`

/** The account of a scope; undefined for all accounts. */
export const accountOfScope = (scope: AccountScope): AccountId | undefined =>
  scope === everyAccount ? undefined : (scope.slice(1) as AccountId)

/** The scope of an account; of all accounts, as support sees them, for undefined. */
export const accountScopeOf = (account: AccountId | undefined): AccountScope =>
  account === undefined ? everyAccount : `=${account}`
