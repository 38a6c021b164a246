import { left, right } from 'fp-ts/lib/Either.js'
import type { Views } from '../adapters/http/views.ts'
import type { Reporting } from '../projections/registry.ts'
import type { ReadModels } from './projections/read-models.ts'

/** What the HTTP adapter asks of the reports. */
export const reportViews = (models: ReadModels<Reporting>): Pick<Views, 'report' | 'waitForReports'> => ({
  report: (name, filter) =>
    models.ready()
      ? right(models.queries().reports.rows(name, filter))
      : left({ tag: 'NotReady', reason: 'the reports are being made; try again' }),
  waitForReports: models.waitFor,
})
