/** Rows are kept by scope: all accounts together, or one, whose scope starts with `=`. */
export const everyAccount = '*'

/** The account of a scope; undefined where it is all of them. */
export const accountOfScope = (scope: string): string | undefined =>
  scope === everyAccount ? undefined : scope.slice(1)

/** Undefined: all accounts, as support sees them. */
export const scopeOf = (account: string | undefined): string => (account === undefined ? everyAccount : `=${account}`)
