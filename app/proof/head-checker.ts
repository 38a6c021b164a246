import type { Sha256 } from '../../domain/event-log/hash.ts'
import type { TreeHead } from '../../domain/proof/checkpoint.ts'
import { emptyFrontier, growingTree, leafHash, type Frontier } from '../../domain/proof/merkle.ts'

const noHash = '0'.repeat(64)

/** Compares a list of event hashes with signed heads, each when the list reaches its size. */
export interface HeadChecker {
  /** The next hash; anything but 64 hex digits counts as a hash that no event has. */
  readonly add: (hash: string) => void
  readonly size: () => number
  /** The size of the largest head that the list confirms. */
  readonly confirmed: () => number
  /** The size of the smallest head that the list contradicts; infinite where there is none. */
  readonly refuted: () => number
  /** An independent copy of the current state. */
  readonly fork: () => HeadChecker
}

interface State {
  readonly frontier: Frontier
  readonly confirmed: number
  readonly refuted: number
}

const empty: State = { frontier: emptyFrontier, confirmed: 0, refuted: Number.POSITIVE_INFINITY }

export const headChecker = (sha256: Sha256, heads: readonly TreeHead[], from: State = empty): HeadChecker => {
  const tree = growingTree(sha256, from.frontier)
  const bySize = Map.groupBy(heads, ({ size }) => size)
  let { confirmed, refuted } = from
  let count = from.frontier.size
  const compare = (): void => {
    for (const { root } of bySize.get(count) ?? []) {
      if (root === tree.root()) confirmed = count
      else refuted = Math.min(refuted, count)
    }
  }
  if (count === 0) compare()
  return {
    add: (hash) => {
      tree.add(leafHash(sha256, /^[0-9a-f]{64}$/.test(hash) ? hash : noHash))
      count++
      compare()
    },
    size: () => count,
    confirmed: () => confirmed,
    refuted: () => refuted,
    fork: () => headChecker(sha256, heads, { frontier: tree.frontier(), confirmed, refuted }),
  }
}
