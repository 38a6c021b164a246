/** How many events or tickets the large cases take: a million, unless `LEDGERDESK_BENCH_SIZE` says less. */
export const size = Number(process.env['LEDGERDESK_BENCH_SIZE'] ?? 1_000_000)
