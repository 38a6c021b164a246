import { excessOf } from '../draft.ts'
import { words } from '../words.ts'

/** Says by how much a text is over its limit. The text is kept whole, for the person to shorten. */
export const TooLong = ({ text, limit }: { readonly text: string; readonly limit: number }) => {
  const excess = excessOf(text, limit)
  return excess === 0 ? null : (
    <p class="too-long" role="alert">
      {words.tooLong(excess, limit)}
    </p>
  )
}
