import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as t from 'io-ts'
import { AccountId, PersonId } from '../../domain/ids.ts'
import { isMissing, writeSynced } from './durable.ts'

/** What is stored beside an upload's bytes, also once a command has used it. Times are ISO texts. */
const Metadata = t.strict({
  id: t.string,
  name: t.string,
  mediaType: t.string,
  size: t.number,
  sha256: t.string,
  uploadedAt: t.string,
  uploader: t.strict({ id: PersonId, account: t.union([AccountId, t.null]) }),
  /** Of an infected upload only this description is kept, so that a command that names it can be refused with the reason. */
  scan: t.keyof({ clean: null, pending: null, infected: null }),
})
export type Metadata = t.TypeOf<typeof Metadata>

const fileIn = (folder: string): string => join(folder, 'meta.json')

export const writeMetadata = (folder: string, metadata: Metadata): Promise<void> =>
  writeSynced(fileIn(folder), JSON.stringify(metadata))

export const removeMetadata = (folder: string): Promise<void> => rm(fileIn(folder))

/** What is stored beside an upload's bytes is torn, or was never its description: the upload cannot be used. */
export class DamagedMetadata extends Error {}

const parsed = (folder: string, text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    throw new DamagedMetadata(`${fileIn(folder)} is no JSON`)
  }
}

/** Null where there is no such folder. @throws DamagedMetadata, and what the disk reports. */
export const readMetadata = async (folder: string): Promise<Metadata | null> => {
  let text: string
  try {
    text = await readFile(fileIn(folder), 'utf8')
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
  return pipe(
    Metadata.decode(parsed(folder, text)),
    E.getOrElseW(() => {
      throw new DamagedMetadata(`${fileIn(folder)} describes no upload`)
    }),
  )
}
