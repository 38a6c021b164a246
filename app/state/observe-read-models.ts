import type { ReadModels } from '../projections/read-models.ts'
import type { ReadModelsObserved } from './server-state.ts'

type Of = Omit<ReadModelsObserved, 'reportsLagSeconds'>
type Observed = Pick<ReadModels<unknown>, 'ready' | 'lagSeconds' | 'logFailure' | 'progress'>

/** How far the read models are. Those whose file is being replaced cannot be read: they are not caught up. */
const observe = (models: Observed): Of => {
  try {
    const isCaughtUp = models.ready()
    return {
      isCaughtUp,
      lagSeconds: models.lagSeconds(),
      logFailure: models.logFailure(),
      progress: isCaughtUp ? null : models.progress(),
    }
  } catch {
    return { isCaughtUp: false, lagSeconds: 0, logFailure: null, progress: null }
  }
}

/**
 * How far both sets of read models are. Reports that are being made say so themselves; that they fall behind after that
 * counts for the state of the server.
 */
export const observeReadModels = (models: Observed, reports: Observed) => (): ReadModelsObserved => {
  const ofReports = observe(reports)
  return { ...observe(models), reportsLagSeconds: ofReports.isCaughtUp ? ofReports.lagSeconds : 0 }
}
