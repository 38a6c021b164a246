/** Rebuilds the lists and the reports of a data folder, as `ledgerdesk rebuild` does; prints the rate and the peak of memory. */
import { partsOf, rebuildInWorker } from '../../app/projections/rebuild-in-worker.ts'

const folder = process.argv[2] ?? ''
const parts = partsOf(['people', 'tickets', 'reading', 'notifications', 'reports'])
const started = performance.now()
const events = await rebuildInWorker({ place: { folder }, folder, parts }, () => undefined)
const perSecond = (events * 1_000) / (performance.now() - started)
console.log(JSON.stringify({ perSecond, peakMb: process.resourceUsage().maxRSS / 1_024 }))
