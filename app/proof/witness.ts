import type { Sha256 } from '../../domain/events/seal.ts'
import type { TreeHead } from '../../domain/proof/checkpoint.ts'
import { growingTree, leafHash } from '../../domain/proof/merkle.ts'

const noHash = '0'.repeat(64)

/** Compares a list of event hashes with signed heads, each as its size is reached. */
export const witness = (sha256: Sha256, heads: readonly TreeHead[]) => {
  const tree = growingTree(sha256)
  const bySize = Map.groupBy(heads, ({ size }) => size)
  let [count, agreed, refuted] = [0, 0, Number.POSITIVE_INFINITY]
  const compare = (): void => {
    for (const { root } of bySize.get(count) ?? []) {
      if (root === tree.root()) agreed = count
      else refuted = Math.min(refuted, count)
    }
  }
  compare()
  return {
    /** 64 hex digits; anything else stands for a hash that nothing has. */
    add: (hash: string): void => {
      tree.add(leafHash(sha256, /^[0-9a-f]{64}$/.test(hash) ? hash : noHash))
      count++
      compare()
    },
    size: () => count,
    /** The size of the largest head that the list bears out. */
    agreed: () => agreed,
    /** The size of the smallest head that it does not; infinite where there is none. */
    refuted: () => refuted,
  }
}
