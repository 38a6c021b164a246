import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as t from 'io-ts'
import { isMissing, writeSynced } from './durable.ts'

/** What stands beside an upload's bytes until a command has used it. Times are ISO texts. */
const Meta = t.strict({
  id: t.string,
  name: t.string,
  mediaType: t.string,
  size: t.number,
  sha256: t.string,
  uploadedAt: t.string,
  uploader: t.strict({ id: t.string, account: t.union([t.string, t.null]) }),
  /** Of one found infected later, the description alone stays, so that who names it is told why it is gone. */
  scan: t.keyof({ clean: null, pending: null, infected: null }),
})
export type Meta = t.TypeOf<typeof Meta>

const file = 'meta.json'

export const writeMeta = (folder: string, meta: Meta): Promise<void> =>
  writeSynced(join(folder, file), JSON.stringify(meta))

/** Null where the folder is not there. @throws Error where it holds something else. */
export const readMeta = async (folder: string): Promise<Meta | null> => {
  let text: string
  try {
    text = await readFile(join(folder, file), 'utf8')
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
  const decoded = Meta.decode(JSON.parse(text))
  if (decoded._tag === 'Left') throw new Error(`${folder} holds no upload`)
  return decoded.right
}
