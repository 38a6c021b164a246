import { openReadModels } from '../../app/projections/read-models.ts'
import type { Helpdesk } from '../../projections/registry.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { batches, commentsOn, openedTickets } from './opened-tickets.ts'

const log = { info: () => undefined, warn: () => undefined, error: () => undefined }

/** The helpdesk's read models over tickets of these texts, dealt to so many accounts; removed when this process ends. */
export const filledReadModels = (models: Helpdesk, messages: readonly string[], accounts: number) => {
  const { path: folder, remove } = temporaryFolder()
  process.once('exit', remove)
  const opened = openReadModels(models, { folder, log, now: Date.now })
  for (const batch of batches(openedTickets(messages, accounts))) opened.apply(batch)
  const comments = commentsOn(messages, accounts)
  return {
    folder,
    queries: opened.queries(),
    /** Applies a batch with one more comment, on another ticket each time. */
    comment: (): void => {
      const { value } = comments.next()
      if (value === undefined) throw new Error('there are no more tickets')
      opened.apply([value])
    },
  }
}
export type FilledReadModels = ReturnType<typeof filledReadModels>
