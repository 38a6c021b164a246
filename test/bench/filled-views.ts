import { reporting, type Helpdesk } from '../../projections/registry.ts'
import { openReadModels } from '../../app/projections/read-models.ts'
import { createViews } from '../../app/views.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { batches, commentsOn, openedTickets } from './opened-tickets.ts'

const log = { info: () => undefined, warn: () => undefined, error: () => undefined }

/** Read models with one ticket for each text, spread over so many accounts, in a folder that ends with this process. */
export const filledViews = (models: Helpdesk, messages: readonly string[], accounts: number) => {
  const { path: folder, remove } = temporaryFolder()
  process.once('exit', remove)
  const options = { folder, log, now: Date.now }
  const opened = openReadModels(models, options)
  const reports = openReadModels(reporting, { ...options, set: 'reports' })
  for (const batch of batches(openedTickets(messages, accounts))) opened.apply(batch)
  const comments = commentsOn(messages, accounts)
  return {
    folder,
    views: createViews({ ...opened, ready: () => true }, reports, []),
    /** Applies a batch of one more comment, on another ticket each time. */
    comment: (): void => {
      const { value } = comments.next()
      if (value === undefined) throw new Error('there are no more tickets')
      opened.apply([value])
    },
  }
}
export type FilledViews = ReturnType<typeof filledViews>
