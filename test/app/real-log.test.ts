import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readRealLog, hasRealLog, toImportLines, type LogRow } from '../support/real-log.ts'
import { ledgerdesk } from '../support/server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { skipHere } from '../support/skips.ts'

/** The expected counts by the rows, computed without any code of the project: see `test/support/real-log.ts`. */
const expectedOf = (rows: readonly LogRow[]) => {
  const counts: Record<string, number> = {}
  const count = (type: string): void => void (counts[type] = (counts[type] ?? 0) + 1)
  const statuses: Record<string, number> = {}
  const cases = Map.groupBy(rows, (row) => row.ticket)
  for (const history of cases.values()) {
    let [status, assignee] = ['open', '']
    count('Opened')
    const move = (to: string): void => {
      count('StatusChanged')
      status = to
    }
    for (const { activity, resource } of history.slice(1)) {
      if (status === 'closed') {
        count('Reopened')
        count('CommentAdded')
        status = 'open'
      }
      if (activity === 'Closed') {
        count('Closed')
        status = 'closed'
      } else if (activity === 'Wait' || activity === 'Require upgrade') {
        if (status !== 'waiting_for_customer') {
          assignee ||= resource
          move('waiting_for_customer')
        }
      } else if (activity === 'Take in charge ticket') {
        if (status !== 'in_progress') move('in_progress')
        else if (assignee !== resource) count('Assigned')
        assignee = resource
      } else {
        count('CommentAdded')
        if (status === 'open') {
          assignee ||= resource
          move('in_progress')
        }
      }
    }
    statuses[status] = (statuses[status] ?? 0) + 1
  }
  return { counts, statuses, tickets: cases.size }
}

const realLog = suite('the real help desk log')

realLog('is imported completely, with the expected statuses and events, and a second time adds nothing', async () => {
  const folder = temporaryFolder()
  try {
    const rows = readRealLog()
    const expected = expectedOf(rows)
    assert.is(expected.tickets, 4_580)
    const file = join(folder.path, 'real.ndjson')
    writeFileSync(file, `${toImportLines(rows).join('\n')}\n`)
    const data = join(folder.path, 'data')

    const first = await ledgerdesk(data, 'import', file)
    assert.is(first.code, 0, first.stderr)
    const imported = JSON.parse(first.stdout)
    console.log(`measured: ${imported.events} events in ${imported.seconds} s`)
    assert.is(imported.tickets, 4_580)
    assert.is(imported.rejected, 0)

    const exported = (await ledgerdesk(data, 'export')).stdout.trim().split('\n')
    const counts: Record<string, number> = {}
    const last = new Map<string, string>()
    for (const line of exported) {
      const { type, stream, data: facts } = JSON.parse(line)
      if (type === 'ImportProgressed') continue
      counts[type] = (counts[type] ?? 0) + 1
      if (type === 'Opened' || type === 'Reopened') last.set(stream, 'open')
      if (type === 'Closed') last.set(stream, 'closed')
      if (type === 'StatusChanged') last.set(stream, facts.to)
    }
    assert.equal(counts, expected.counts)
    const statuses: Record<string, number> = {}
    for (const status of last.values()) statuses[status] = (statuses[status] ?? 0) + 1
    assert.equal(statuses, expected.statuses)

    const again = JSON.parse((await ledgerdesk(data, 'import', file)).stdout)
    assert.is(again.events, 0)
    assert.is(again.tickets, 0)
    assert.is((await ledgerdesk(data, 'export')).stdout.trim().split('\n').length, exported.length)
  } finally {
    folder.remove()
  }
})

if (hasRealLog()) realLog.run()
else skipHere(import.meta.filename)
