/** Rows are kept by scope: all accounts together, or one account, written `=account`. */
export const everyAccount = '*'

/** The account of a scope; undefined for all accounts. */
export const accountOfScope = (scope: string): string | undefined =>
  scope === everyAccount ? undefined : scope.slice(1)

/** The scope of an account; of all accounts, as support sees them, for undefined. */
export const scopeOf = (account: string | undefined): string => (account === undefined ? everyAccount : `=${account}`)
