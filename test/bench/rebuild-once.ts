/** Rebuilds the read models of lists and reports of a data folder; prints events per second and the peak of memory. */
import { partsOf } from '../../app/projections/sets.ts'
import { rebuildApart } from '../../app/projections/rebuild-in-worker.ts'

const folder = process.argv[2] ?? ''
const parts = partsOf(['people', 'tickets', 'reading', 'notifications', 'reports'])
const started = performance.now()
const events = await rebuildApart({ place: { folder }, folder, parts }, () => undefined)
const perSecond = (events * 1_000) / (performance.now() - started)
console.log(JSON.stringify({ perSecond, peakMb: process.resourceUsage().maxRSS / 1_024 }))
