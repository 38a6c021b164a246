/** Rows are kept by scope: all accounts together, or one, whose scope starts with `=`. */
export const everyAccount = '*'

/** Undefined: all accounts, as support sees them. */
export const scopeOf = (account: string | undefined): string => (account === undefined ? everyAccount : `=${account}`)
