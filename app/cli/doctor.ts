import { existsSync } from 'node:fs'
import { inspect, type NamedFile } from '../../adapters/files/inspect.ts'
import { openFileFolders } from '../../adapters/files/folders.ts'
import type { EventStore } from '../../domain/event-log/event-store.ts'
import { start } from '../../domain/event-log/envelope.ts'
import { readEvent } from '../../domain/event-log/decode-event.ts'
import { ticketOfStream } from '../../domain/ids.ts'
import { Failure } from './failure.ts'
import { logAfter } from '../log-pages.ts'
import { endProgress, print, progressLine } from './output.ts'

async function* namedFiles(store: EventStore): AsyncGenerator<NamedFile> {
  let seen = 0
  for await (const stored of logAfter(store, start)) {
    if (stored.type !== 'FileAttached') continue
    const event = readEvent(stored)
    const ticket = ticketOfStream(stored.stream)
    if (event?.type !== 'FileAttached' || ticket === null) {
      throw new Failure(`the event at position ${stored.position} cannot be read: the log itself is damaged`)
    }
    const { file: id, size, sha256 } = event.data
    progressLine(`${++seen} files`)
    yield { id, ticket, size, sha256 }
  }
}

/**
 * Checks that every attached file is there with the right hash, and prints what it found as JSON.
 * @throws Failure where a file is missing or altered.
 */
export const examine = async (store: EventStore, folder: string): Promise<void> => {
  if (!existsSync(folder)) throw new Failure(`there is no folder ${folder}; set LEDGERDESK_FILES to the server's`)
  const found = await inspect(await openFileFolders(folder), namedFiles(store))
  endProgress()
  await print(JSON.stringify(found))
  if (!found.ok) throw new Failure(`${found.flaws.length} of ${found.files} attached files are missing or altered`)
}
