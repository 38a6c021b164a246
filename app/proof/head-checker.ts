import type { Sha256 } from '../../domain/event-log/hash.ts'
import type { TreeHead } from '../../domain/proof/checkpoint.ts'
import { emptyFrontier, growingTree, leafHash, type Frontier } from '../../domain/proof/merkle.ts'

const noHash = '0'.repeat(64)

/** Compares a list of event hashes with signed heads, each as its size is reached. */
export interface Witness {
  /** 64 hex digits; anything else stands for a hash that nothing has. */
  readonly add: (hash: string) => void
  readonly size: () => number
  /** The size of the largest head that the list bears out. */
  readonly agreed: () => number
  /** The size of the smallest head that it does not; infinite where there is none. */
  readonly refuted: () => number
  /** Another that has seen the same list so far. */
  readonly fork: () => Witness
}

interface Seen {
  readonly frontier: Frontier
  readonly agreed: number
  readonly refuted: number
}

const nothing: Seen = { frontier: emptyFrontier, agreed: 0, refuted: Number.POSITIVE_INFINITY }

export const witness = (sha256: Sha256, heads: readonly TreeHead[], seen: Seen = nothing): Witness => {
  const tree = growingTree(sha256, seen.frontier)
  const bySize = Map.groupBy(heads, ({ size }) => size)
  let { agreed, refuted } = seen
  let count = seen.frontier.size
  const compare = (): void => {
    for (const { root } of bySize.get(count) ?? []) {
      if (root === tree.root()) agreed = count
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
    agreed: () => agreed,
    refuted: () => refuted,
    fork: () => witness(sha256, heads, { frontier: tree.frontier(), agreed, refuted }),
  }
}
