import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'

/** How many events or tickets the large cases use. */
export const size = Number(process.env['LEDGERDESK_BENCH_SIZE'] ?? 1_000_000)

const sharedData = process.env['LEDGERDESK_SHARED_DATA'] ?? resolve(import.meta.dirname, '../../../shared/data')
const file = join(sharedData, 'it-tickets.csv.gz')

/** Generated support requests, for machines without the real ones. */
const generated = (n: number): string =>
  `request ${n} the connection of node ${n % 97} to cluster ${n % 13} is refused since update ${n % 7} please advise`

/**
 * Real support requests (IT service ticket classification dataset, CC0 1.0; 292 characters on average), repeated when
 * more are needed. Without the data set generated ones, after a warning.
 */
export const texts = (count: number): readonly string[] => {
  if (!existsSync(file)) {
    console.error(`${file} does not exist: the texts are generated`)
    return Array.from({ length: count }, (_, n) => generated(n))
  }
  const lines = gunzipSync(readFileSync(file)).toString('utf8').split('\n').slice(1)
  const real = lines.map((line) => line.replace(/,[^,]*$/, '').slice(0, 5_000)).filter((line) => line.length > 20)
  return Array.from({ length: count }, (_, n) => real[n % real.length] ?? generated(n))
}
