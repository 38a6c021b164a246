/** A server that `LEDGERDESK_TEST_ESDB` names, which holds what earlier runs left there. */
const real = process.env['LEDGERDESK_TEST_ESDB'] ?? ''

export const isReal = real !== ''

/** A connection string with one more option, `key=value`. */
export const withOption = (connectionString: string, option: string): string =>
  `${connectionString}${connectionString.includes('?') ? '&' : '?'}${option}`

/** An empty log of its own on that server: nothing there can be deleted, so its streams' names are new ones. */
export const onRealServer = (): string => withOption(real, `namespace=test_${crypto.randomUUID().replaceAll('-', '')}`)
