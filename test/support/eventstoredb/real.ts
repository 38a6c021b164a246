/** The server that `LEDGERDESK_TEST_ESDB` names; it still holds the logs of earlier runs. */
const real = process.env['LEDGERDESK_TEST_ESDB'] ?? ''

export const isReal = real !== ''

/** A connection string with one more option, `key=value`. */
export const withOption = (connectionString: string, option: string): string =>
  `${connectionString}${connectionString.includes('?') ? '&' : '?'}${option}`

/** A new namespace on that server, since nothing there can be deleted. */
export const onRealServer = (): string => withOption(real, `namespace=test_${crypto.randomUUID().replaceAll('-', '')}`)
