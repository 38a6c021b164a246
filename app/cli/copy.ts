import { performance } from 'node:perf_hooks'
import { copyLog } from '../copy/copy.ts'
import { systemPorts } from '../system.ts'
import { flawOfCluster, type LogPlace } from '../event-store.ts'
import { Failure } from './failure.ts'
import { withLog } from './log.ts'
import { endProgress, print, progressLine } from './output.ts'

/** `sqlite:DIR`, the data folder that holds the log, or `esdb://…`. */
const placeOf = (option: string, text: string): LogPlace => {
  if (text.startsWith('sqlite:') && text !== 'sqlite:') return { folder: text.slice('sqlite:'.length) }
  const flaw = text.startsWith('esdb') ? flawOfCluster(text) : 'must be sqlite:DIR or esdb://…'
  if (flaw !== null) throw new Failure(`${option} ${flaw}`)
  return { connectionString: text }
}

/** `copy`: prints what both logs hold in the end as JSON. */
export const copy = async (options: { readonly from: string; readonly to: string }): Promise<void> => {
  const [from, to] = [placeOf('--from', options.from), placeOf('--to', options.to)]
  const started = performance.now()
  await withLog(from, false, (source) =>
    withLog(to, true, async (target) => {
      const copied = await copyLog(source, target, systemPorts.sha256, (events) => progressLine(`${events} events`))
      endProgress()
      await print(JSON.stringify({ ...copied, seconds: Math.round(performance.now() - started) / 1000 }))
    }),
  )
}
