/**
 * Converts the help desk log of an Italian company (4TU.ResearchData, doi 10.4121/uuid:0c60edf1-6f83-4e75-9367-4c63b3e9d5bb)
 * to the import format (`docs/import.md`). As a program: `node test/support/real-log.ts > real-log.ndjson`.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'

/** One line of the CSV; `at` is an ISO time. */
export interface LogRow {
  readonly ticket: string
  readonly activity: string
  readonly resource: string
  readonly at: string
  readonly customer: string
  readonly product: string
}

const sharedData = process.env['LEDGERDESK_SHARED_DATA'] ?? resolve(import.meta.dirname, '../../../shared/data')
const logFile = join(sharedData, 'helpdesk-log.csv.gz')

export const hasRealLog = (): boolean => existsSync(logFile)

/** The rows of the file, in order. No field contains a comma or a quote, so lines split at commas. */
export const readRealLog = (): LogRow[] => {
  const [head = '', ...lines] = gunzipSync(readFileSync(logFile)).toString('utf8').trim().split(/\r?\n/)
  const names = head.split(',')
  const column = (name: string): number => names.indexOf(name)
  const [ticket, activity, resource, time, customer, product] = [
    'Case ID',
    'Activity',
    'Resource',
    'Complete Timestamp',
    'customer',
    'product',
  ].map(column)
  return lines.map((line) => {
    const cells = line.split(',')
    const cell = (index: number | undefined): string => cells[index ?? -1] ?? ''
    const at = new Date(`${cell(time).replaceAll('/', '-').replace(' ', 'T')}Z`).toISOString()
    return {
      ticket: cell(ticket),
      activity: cell(activity),
      resource: cell(resource),
      at,
      customer: cell(customer),
      product: cell(product),
    }
  })
}

const slug = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')

const customerOf = (name: string) => ({
  id: `customer-${slug(name)}`,
  name: `Customer ${name}`,
  email: `contact@customer-${slug(name)}.example`,
  role: 'customer',
  account: `customer-${slug(name)}`,
})

const agentOf = (name: string) => ({
  id: `agent-${slug(name)}`,
  name: `Agent ${name}`,
  email: `agent-${slug(name)}@support.example`,
  role: 'support',
})

const commandOf = (activity: string): object => {
  switch (activity) {
    case 'Take in charge ticket':
      return { type: 'take' }
    case 'Wait':
    case 'Require upgrade':
      return { type: 'status', status: 'waiting_for_customer' }
    case 'Closed':
      return { type: 'close' }
    default:
      return { type: 'comment', body: activity }
  }
}

/** The import lines, in time order; at the same time in the order of the file. */
export const toImportLines = (rows: readonly LogRow[]): string[] => {
  const cases = new Map<string, { readonly customer: string; closed: boolean; count: number }>()
  const lines: { readonly at: string; readonly text: string }[] = []
  for (const row of rows) {
    const seen = cases.get(row.ticket)
    const of = seen ?? { customer: row.customer, closed: false, count: 0 }
    cases.set(row.ticket, of)
    const add = (actor: object, command: object): void => {
      of.count++
      const line = { key: `${row.ticket}/${of.count}`, at: row.at, ticket: row.ticket, actor, command }
      lines.push({ at: row.at, text: JSON.stringify(line) })
    }
    if (seen === undefined) {
      const subject = `${row.ticket}: ${row.activity}`
      const description = `Product ${row.product}`
      add(customerOf(of.customer), { type: 'open', subject, description, category: row.product })
      continue
    }
    if (of.closed) add(customerOf(of.customer), { type: 'reopen', body: 'It is not solved yet.' })
    add(agentOf(row.resource), commandOf(row.activity))
    of.closed = row.activity === 'Closed'
  }
  return lines.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)).map(({ text }) => text)
}

if (process.argv[1] === import.meta.filename)
  for (const line of toImportLines(readRealLog())) process.stdout.write(`${line}\n`)
