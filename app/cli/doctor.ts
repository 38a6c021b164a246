import { left, right, type Either } from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { existsSync } from 'node:fs'
import { inspect, type NamedFile } from '../../adapters/files/inspect.ts'
import { openFileFolders } from '../../adapters/files/folders.ts'
import type { EventStore } from '../../domain/event-log/event-store.ts'
import { start } from '../../domain/event-log/envelope.ts'
import { decodeEvent } from '../../domain/event-log/decode-event.ts'
import { ticketOfStream } from '../../domain/ids.ts'
import { attempt, Failed, type Failure } from '../failures.ts'
import { logAfter } from '../log-pages.ts'
import { endProgress, print, progressLine } from './output.ts'

/** The files that events name. @throws Failed */
async function* namedFiles(store: EventStore): AsyncGenerator<NamedFile> {
  let count = 0
  for await (const stored of logAfter(store, start)) {
    if (stored.type !== 'FileAttached') continue
    const event = decodeEvent(stored)
    const ticket = ticketOfStream(stored.stream)
    if (event?.type !== 'FileAttached' || ticket === null) {
      throw new Failed({ code: 'DamagedEvent', position: stored.position, reason: 'cannot be read' })
    }
    const { file: id, size, sha256 } = event.data
    progressLine(`${++count} files`)
    yield { id, ticket, size, sha256 }
  }
}

/** `doctor`: checks that every attached file exists with the right hash, and prints the result as JSON. */
export const checkFiles = (store: EventStore, folder: string): TaskEither<Failure, void> =>
  attempt(async (): Promise<Either<Failure, void>> => {
    if (!existsSync(folder)) {
      const remedy = 'set LEDGERDESK_FILES to the folder of the server'
      return left({ code: 'NotFound', what: `folder ${folder}`, remedy })
    }
    const found = await inspect(await openFileFolders(folder), namedFiles(store))
    endProgress()
    await print(JSON.stringify(found))
    return found.ok ? right(undefined) : left({ code: 'DamagedFiles', damaged: found.flaws.length, files: found.files })
  })
