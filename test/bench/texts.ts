import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'

const sharedData = process.env['LEDGERDESK_SHARED_DATA'] ?? resolve(import.meta.dirname, '../../../shared/data')
const file = join(sharedData, 'it-tickets.csv.gz')

/** Words of support requests, for machines that have not got the real ones. */
const made = (n: number): string =>
  `request ${n} the connection of node ${n % 97} to cluster ${n % 13} is refused since update ${n % 7} please advise`

/**
 * Real support requests (IT service ticket classification dataset, CC0 1.0), their mean length 292 characters; made-up
 * ones where the data is not there, which is said.
 */
export const texts = (count: number): readonly string[] => {
  if (!existsSync(file)) {
    console.error(`${file} is not here: made-up texts`)
    return Array.from({ length: count }, (_, n) => made(n))
  }
  const lines = gunzipSync(readFileSync(file)).toString('utf8').split('\n').slice(1)
  const real = lines.map((line) => line.replace(/,[^,]*$/, '').slice(0, 5_000)).filter((line) => line.length > 20)
  return Array.from({ length: count }, (_, n) => real[n % real.length] ?? made(n))
}
