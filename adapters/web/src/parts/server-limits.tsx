import { limitation } from '../server-state.ts'
import { words } from '../words.ts'

/** What the server cannot do for the moment. It stands in a live region, which announces the text and not the progress. */
export const ServerLimits = () => {
  const now = limitation.value
  if (now === null || now.status === 'ready') return null
  return (
    <p class="limited">
      {words.serverStates[now.status]}
      {now.progress !== null && <progress max={1} value={now.progress} aria-label={words.progress} />}
    </p>
  )
}
