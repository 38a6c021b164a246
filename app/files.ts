import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Uploads } from '../domain/desk.ts'

/** There is no upload yet, so every file that a command names is unknown. */
export const noUploads: Uploads = {
  find: (_actor, ids) => {
    const [file] = ids
    return file === undefined ? TE.right([]) : TE.left({ tag: 'UnknownFile', file })
  },
}
