import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createCommands } from '../../app/commands/commands.ts'
import { createImportRunner } from '../../app/import/import-runner.ts'
import { importProgress } from '../../app/import/progress.ts'
import { openRejects } from '../../app/import/rejects.ts'
import { sha256 } from '../../adapters/crypto.ts'
import { start } from '../../domain/event-log/envelope.ts'
import { commandIdOf } from '../../domain/ids.ts'
import { holdsAsync } from '../support/arbitrary.ts'
import { callBy, right, testPorts } from '../support/command-ports.ts'
import { ticketId } from '../support/ids.ts'
import { memoryEventStore } from '../support/memory-event-store.ts'
import { ann } from '../support/people.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const edited = suite('an import of a file that was changed since it was imported')

const customer = { id: 'u1', name: 'Ann', email: 'ann@acme.example', role: 'customer', account: 'acme' }
const agent = { id: 's1', name: 'Sue', email: 'sue@support.example', role: 'support' }

interface Line {
  readonly key: string
  readonly at: string
  readonly ticket: string
  readonly actor: object
  readonly command: Readonly<Record<string, unknown>>
}

const at = (minute: number): string => new Date(Date.UTC(2020, 0, 1, 0, minute)).toISOString()

const open = (ticket: string, minute: number, subject = 'No picture'): Line => ({
  key: `open ${ticket}`,
  at: at(minute),
  ticket,
  actor: customer,
  command: { type: 'open', subject, description: 'It is dark.', category: 'other' },
})

const line = (ticket: string, key: string, minute: number, actor: object, command: Line['command']): Line => ({
  key,
  at: at(minute),
  ticket,
  actor,
  command,
})

interface Run {
  readonly events: number
  readonly rejected: number
  /** Numbers of the lines in the rejects file. */
  readonly rejects: readonly number[]
  readonly reasons: readonly string[]
}

/** One log, and one file that is written anew before each run. */
const setup = (folder: string) => {
  const store = memoryEventStore()
  const ports = testPorts(store)
  const file = join(folder, 'in.ndjson')
  const commands = createCommands(ports)
  return {
    store,
    importFile: async (lines: readonly Line[]): Promise<Run> => {
      writeFileSync(file, lines.map((each) => `${JSON.stringify(each)}\n`).join(''))
      const run = createImportRunner(ports, commands, importProgress(ports, 'old'), {
        source: 'old',
        rejects: openRejects(file),
        onProgress: () => undefined,
        concurrency: () => 8,
      })
      const { events, rejected } = await run(file)
      const path = `${file}.rejects.ndjson`
      const text = existsSync(path) ? readFileSync(path, 'utf8').trim() : ''
      const entries = text === '' ? [] : text.split('\n').map((each) => JSON.parse(each))
      return {
        events,
        rejected,
        rejects: entries.map((each) => each.line),
        reasons: entries.map((each) => each.reason),
      }
    },
    /** A command that is no import. */
    issue: async (ticket: string, request: { readonly type: 'comment'; readonly body: string }): Promise<void> => {
      const { id } = right(await commands.find('old', ticket)())
      right(await commands.act(callBy(ann), id, request)())
    },
    /** The ids of the commands in the log. */
    issued: async (): Promise<ReadonlySet<string>> =>
      new Set(right(await store.readLog(start, 10_000)()).map(({ envelope }) => JSON.parse(envelope).commandId)),
    idOf: async ({ ticket, key, command }: Line): Promise<string> => {
      const { id } = right(await commands.find('old', ticket)())
      return command['type'] === 'open'
        ? commandIdOf(sha256, 'import:old', ticketId(''), ticket)
        : commandIdOf(sha256, 'import:old', id, key)
    },
  }
}

const inFolder = async (use: (folder: string) => Promise<void>): Promise<void> => {
  const { path, remove } = temporaryFolder()
  try {
    await use(path)
  } finally {
    remove()
  }
}

const comment = (key: string, minute: number, body: string, actor: object = customer): Line =>
  line('A', key, minute, actor, { type: 'comment', body })

edited('a rejected line that was mended is issued, and leaves the rejects', () =>
  inFolder(async (folder) => {
    const { importFile } = setup(folder)
    const wrong = line('A', 'k1', 1, customer, { type: 'take' })
    const first = await importFile([open('A', 0), wrong])
    assert.equal([first.events, first.rejects], [1, [2]])
    const second = await importFile([open('A', 0), { ...wrong, actor: agent }])
    assert.equal([second.events, second.rejected, second.rejects], [1, 0, []])
  }),
)

edited('a line put in before one that was issued is rejected with the reason, not lost', () =>
  inFolder(async (folder) => {
    const { importFile } = setup(folder)
    await importFile([open('A', 0), comment('k2', 2, 'Second')])
    const again = await importFile([open('A', 0), comment('k1', 1, 'First'), comment('k2', 2, 'Second')])
    assert.equal([again.events, again.rejected, again.rejects], [0, 1, [2]])
    assert.match(again.reasons[0] ?? '', /later commands of its ticket were issued before/)
  }),
)

edited('another body under a key that was issued is rejected, on every later run too', () =>
  inFolder(async (folder) => {
    const { importFile } = setup(folder)
    await importFile([open('A', 0), comment('k1', 1, 'First')])
    for (let n = 0; n < 2; n++) {
      const again = await importFile([open('A', 0), comment('k1', 1, 'Another')])
      assert.equal([again.events, again.rejects], [0, [2]])
      assert.is(again.reasons[0], 'this key was issued before with another body or by somebody else')
    }
  }),
)

edited('a rejected line stays in the rejects as long as it stands in the file', () =>
  inFolder(async (folder) => {
    const { importFile } = setup(folder)
    const wrong = line('A', 'k1', 1, customer, { type: 'take' })
    const lines = [open('A', 0), wrong, comment('k2', 2, 'Second')]
    assert.equal((await importFile(lines)).rejects, [2])
    assert.equal(await importFile(lines), {
      events: 0,
      rejected: 1,
      rejects: [2],
      reasons: ['only support may take a ticket'],
    })
    assert.equal((await importFile([...lines, comment('k3', 3, 'Third')])).rejects, [2])
    assert.equal((await importFile([open('A', 0), comment('k2', 2, 'Second')])).rejects, [])
  }),
)

edited('later lines go on behind what was written since by others', () =>
  inFolder(async (folder) => {
    const { importFile, issue } = setup(folder)
    await importFile([open('A', 0), comment('k1', 1, 'First')])
    await issue('A', { type: 'comment', body: 'Written here' })
    const later = { ...comment('k2', 0, 'Second'), at: '2200-01-01T00:00:00.000Z' }
    assert.equal((await importFile([open('A', 0), comment('k1', 1, 'First'), later])).events, 1)
  }),
)

edited('a command that changed nothing is not issued later, when it would', () =>
  inFolder(async (folder) => {
    const { importFile, store } = setup(folder)
    const take = (key: string, minute: number): Line => line('A', key, minute, agent, { type: 'take' })
    const toOther = line('A', 'k3', 3, agent, {
      type: 'assign',
      assignee: { id: 's2', name: 'Tom', email: 'tom@support.example' },
    })
    const lines = [open('A', 0), take('k1', 1), take('k2', 2), toOther]
    assert.is((await importFile(lines)).events, 3)
    const before = right(await store.readLog(start, 100)()).length
    assert.equal(await importFile(lines), { events: 0, rejected: 0, rejects: [], reasons: [] })
    assert.is(right(await store.readLog(start, 100)()).length, before)
  }),
)

const command: fc.Arbitrary<readonly [object, Line['command']]> = fc.oneof(
  fc
    .tuple(fc.constantFrom(customer, agent), fc.constantFrom('One', 'Two'))
    .map(([actor, body]) => [actor, { type: 'comment', body }] as const),
  fc.constantFrom(customer, agent).map((actor) => [actor, { type: 'take' }] as const),
  fc.constantFrom(customer, agent).map((actor) => [actor, { type: 'close' }] as const),
  fc.constantFrom('in_progress', 'waiting_for_customer').map((status) => [agent, { type: 'status', status }] as const),
  fc.constantFrom(customer, agent).map((actor) => [actor, { type: 'reopen', body: 'Again' }] as const),
)

const anyLine: fc.Arbitrary<Line> = fc
  .tuple(fc.constantFrom('A', 'B'), fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 99 }), command)
  .map(([ticket, minute, key, [actor, body]]) => line(ticket, `k${key}`, minute, actor, body))

const anyFile = fc
  .tuple(fc.array(anyLine, { maxLength: 12 }), fc.boolean())
  .map(([lines, isOrdered]) => [
    open('A', 0),
    open('B', 0),
    ...(isOrdered ? lines.toSorted((a, b) => (a.at < b.at ? -1 : 1)) : lines),
  ])

type Edit = (lines: readonly Line[]) => readonly Line[]

const place = fc.nat({ max: 30 })
const anyEdit: fc.Arbitrary<Edit> = fc.oneof(
  fc.tuple(place, anyLine).map(
    ([at, each]): Edit =>
      (lines) =>
        lines.toSpliced(at % (lines.length + 1), 0, each),
  ),
  place.map(
    (at): Edit =>
      (lines) =>
        lines.toSpliced(at % lines.length, 1),
  ),
  fc.tuple(place, command).map(
    ([at, [actor, body]]): Edit =>
      (lines) =>
        lines.map((each, n) =>
          n === at % lines.length && each.command['type'] !== 'open' ? { ...each, actor, command: body } : each,
        ),
  ),
  fc.tuple(place, place).map(([a, b]): Edit => (lines) => {
    const [from, to] = [a % lines.length, b % lines.length]
    const moved = lines[from]
    return moved === undefined ? lines : lines.toSpliced(from, 1).toSpliced(to, 0, moved)
  }),
)

/** Commands that name a state: where the ticket has it already, they add nothing and are no loss. */
const namesState = ({ command: { type } }: Line): boolean => type === 'take' || type === 'status' || type === 'close'

edited('any file, edited in any way between runs: every line is in the log or in the rejects', () =>
  holdsAsync(
    fc.asyncProperty(anyFile, fc.array(fc.array(anyEdit, { maxLength: 4 }), { maxLength: 3 }), (first, edits) =>
      inFolder(async (folder) => {
        const { importFile, issued, idOf, store } = setup(folder)
        let lines: readonly Line[] = first
        await importFile(lines)
        for (const edit of edits) {
          lines = edit.reduce((before, each) => (before.length === 0 ? before : each(before)), lines)
          const run = await importFile(lines)
          const inLog = await issued()
          assert.is(run.rejected, run.rejects.length)
          for (const [index, each] of lines.entries()) {
            const isAccountedFor = inLog.has(await idOf(each)) || run.rejects.includes(index + 1) || namesState(each)
            assert.ok(isAccountedFor, `line ${index + 1} is lost: ${JSON.stringify(each)}`)
          }
          const before = right(await store.readLog(start, 10_000)()).length
          const again = await importFile(lines)
          assert.equal([again.events, again.rejects], [0, run.rejects], 'the same file again adds nothing')
          assert.is(right(await store.readLog(start, 10_000)()).length, before)
        }
      }),
    ),
    { usually: 200, soaked: 10_000 },
  ),
)

edited.run()
