import { readdirSync } from 'node:fs'
import { createCommands } from '../../app/commands/commands.ts'
import { openReadModels, type ReadModelOptions, type ReadModels } from '../../app/projections/read-models.ts'
import type { Part, RebuildPorts } from '../../app/projections/rebuild.ts'
import { erased } from '../../domain/event-log/envelope.ts'
import type { EventStore } from '../../domain/event-log/event-store.ts'
import type { Projection } from '../../projections/projection.ts'
import { helpdesk, reporting } from '../../projections/registry.ts'
import { testPorts } from './command-ports.ts'
import { memoryEventStore } from './memory-event-store.ts'
import { temporaryFolder } from './temporary-folder.ts'

export const everything = { ...helpdesk, ...reporting }
const all = Object.values(everything)

type Models = Readonly<Record<string, Projection<unknown>>>

/** A folder, a log with its commands, and the read models that a test opens. */
export interface Setup {
  readonly folder: string
  readonly store: EventStore
  readonly commands: ReturnType<typeof createCommands>
  /** The log messages of the read models. */
  readonly logged: readonly string[]
  readonly open: <M extends Models>(models: M, rebuild?: ReadModelOptions['rebuild']) => ReadModels<M>
  readonly ports: RebuildPorts
  /** What to rebuild of these read models, or of all. */
  readonly part: (names: readonly string[], projections?: readonly Projection<unknown>[]) => readonly Part[]
}

/** Closes and removes everything at the end. */
export const withSetup = async (use: (setup: Setup) => Promise<unknown>): Promise<void> => {
  const { path: folder, remove } = temporaryFolder()
  const store = memoryEventStore()
  const logged: string[] = []
  const record = (_fields: object, message: string): void => void logged.push(message)
  const opened: ReadModels<unknown>[] = []
  try {
    await use({
      folder,
      store,
      logged,
      commands: createCommands(testPorts(store)),
      open: (models, rebuild) => {
        const log = { info: record, error: record }
        const options = { folder, log, now: () => 0 }
        const made = openReadModels(models, rebuild === undefined ? options : { ...options, rebuild })
        opened.push(made)
        return made
      },
      ports: { folder, store, onProgress: () => undefined },
      part: (names, projections = all) => [{ set: 'read-models', projections, names }],
    })
  } finally {
    for (const each of opened) await each.close()
    await store.close()
    remove()
  }
}

export const filesIn = (folder: string): string[] =>
  readdirSync(folder).filter((file) => /^read-models.*(db|draft)$/.test(file))

/** Counts comments by `version` each; `poison` is the body of one that it cannot take. */
export const counter = (version: number, poison?: string) =>
  ({
    name: 'counter',
    version,
    tables: 'CREATE TABLE counter (n INTEGER NOT NULL) STRICT; INSERT INTO counter VALUES (0)',
    on: ({ db }) => {
      const add = db.prepare('UPDATE counter SET n = n + ?')
      return {
        CommentAdded: ({ personal }) => {
          if (poison !== undefined && personal !== erased && personal.body === poison) throw new Error('poisoned')
          add.run(version)
        },
      }
    },
    queries: (db) => {
      const find = db.prepare<[], number>('SELECT n FROM counter').pluck()
      return { count: () => find.get() ?? -1 }
    },
  }) satisfies Projection<unknown>
