/**
 * Turns the rows of another helpdesk's CSV file, whose first row names the columns, into lines for `ledgerdesk import`,
 * in their order (`docs/import.md`). Reads the file that its argument names, or standard input.
 */
import { readFileSync } from 'node:fs'
import csv from 'papaparse'

type Row = Readonly<Record<string, string>>

/** A person without an account belongs to support. */
const actorOf = ({ person, name, mail, account }: Row): object => ({
  id: person,
  name,
  email: mail,
  ...(account === '' ? { role: 'support' } : { role: 'customer', account }),
})

const commandOf = ({ action, subject, text, category }: Row): object => {
  switch (action) {
    case 'open':
      return { type: 'open', subject, description: text, category }
    case 'comment':
    case 'reopen':
      return { type: action, body: text }
    case 'wait':
      return { type: 'status', status: 'waiting_for_customer' }
    default:
      return { type: action }
  }
}

const { data, errors } = csv.parse<Row>(readFileSync(process.argv[2] ?? 0, 'utf8'), {
  header: true,
  skipEmptyLines: true,
})
if (errors[0] !== undefined) throw new Error(`row ${errors[0].row}: ${errors[0].message}`)
for (const row of data) {
  const { id, time = '', ticket } = row
  const at = `${time.replace(' ', 'T')}Z`
  process.stdout.write(`${JSON.stringify({ key: id, at, ticket, actor: actorOf(row), command: commandOf(row) })}\n`)
}
