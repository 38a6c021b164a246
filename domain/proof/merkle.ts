import { hexDigits, type Sha256 } from '../event-log/hash.ts'

/**
 * The Merkle tree of RFC 6962, section 2.1: leaves and nodes are hashed after different tags, so that neither can stand
 * for the other. Hashes are 64 lower-case hex digits; leaves are counted from 0.
 */

/** Writes the bytes of hex digits at an offset. */
const putHex = (bytes: Uint8Array, at: number, hex: string): void => {
  for (let i = 0; i < hex.length; i += 2) {
    const [high, low] = [hexDigits[hex.charCodeAt(i)] ?? 0, hexDigits[hex.charCodeAt(i + 1)] ?? 0]
    bytes[at + (i >> 1)] = (high << 4) | (low & 15)
  }
}

const hashBytes = 32
// Shared buffers, since these run for every event of a log; the hash function must not keep them.
const leaf = new Uint8Array(1 + hashBytes)
const node = new Uint8Array(1 + 2 * hashBytes).fill(1, 0, 1)

/** The hash of a leaf whose data are the 32 bytes of an event's hash. */
export const leafHash = (sha256: Sha256, eventHash: string): string => {
  putHex(leaf, 1, eventHash)
  return sha256(leaf)
}

const nodeHash = (sha256: Sha256, left: string, right: string): string => {
  putHex(node, 1, left)
  putHex(node, 1 + hashBytes, right)
  return sha256(node)
}

/** What a tree needs to grow: the number of its leaves, and the roots of its full subtrees, largest first. */
export interface Frontier {
  readonly size: number
  readonly roots: readonly string[]
}

export const emptyFrontier: Frontier = { size: 0, roots: [] }

/** The root of a tree: one hash for each subtree of the frontier. */
export const rootOf = (sha256: Sha256, { roots }: Frontier): string => {
  let root = roots.at(-1)
  if (root === undefined) return sha256(new Uint8Array())
  for (let at = roots.length - 2; at >= 0; at--) root = nodeHash(sha256, roots[at] ?? '', root)
  return root
}

/** A tree to which leaf hashes are appended. */
export const growingTree = (sha256: Sha256, from: Frontier = emptyFrontier) => {
  const roots = [...from.roots]
  let { size } = from
  return {
    add: (leaf: string): void => {
      let hash = leaf
      // Two full subtrees of one size become one, like the carry of a binary counter.
      for (let left = size; left % 2 === 1; left = (left - 1) / 2) hash = nodeHash(sha256, roots.pop() ?? '', hash)
      roots.push(hash)
      size++
    },
    frontier: (): Frontier => ({ size, roots: [...roots] }),
    root: (): string => rootOf(sha256, { size, roots }),
  }
}

/** The levels of a tree from the leaves up; a node without a sibling moves up unchanged. */
const levelsOf = (sha256: Sha256, leaves: readonly string[]): readonly (readonly string[])[] => {
  const levels = [leaves]
  for (let level = leaves; level.length > 1;) {
    const above: string[] = []
    for (let at = 0; at < level.length; at += 2) {
      const [left = '', right] = [level[at], level[at + 1]]
      above.push(right === undefined ? left : nodeHash(sha256, left, right))
    }
    levels.push(above)
    level = above
  }
  return levels
}

const pathIn = (levels: readonly (readonly string[])[], index: number): readonly string[] =>
  levels.flatMap((level, height) => {
    const at = Math.floor(index / 2 ** height)
    return level[at % 2 === 0 ? at + 1 : at - 1] ?? []
  })

/** Leaves in memory at once: a full subtree of 2^10. */
const chunkSize = 1_024

/** The path from each wanted leaf to the root, in one pass over all leaf hashes; of each chunk only the root is kept. */
export const inclusionPaths = (
  sha256: Sha256,
  leaves: Iterable<string>,
  wanted: ReadonlySet<number>,
): ReadonlyMap<number, readonly string[]> => {
  const tops: string[] = []
  const within = new Map<number, readonly string[]>()
  let chunk: string[] = []
  const close = (): void => {
    const first = tops.length * chunkSize
    const levels = levelsOf(sha256, chunk)
    for (let at = 0; at < chunk.length; at++) if (wanted.has(first + at)) within.set(first + at, pathIn(levels, at))
    tops.push(levels.at(-1)?.[0] ?? '')
    chunk = []
  }
  for (const leaf of leaves) if (chunk.push(leaf) === chunkSize) close()
  if (chunk.length > 0) close()
  const above = levelsOf(sha256, tops)
  return new Map(
    [...within].map(([index, path]) => [index, [...path, ...pathIn(above, Math.floor(index / chunkSize))]]),
  )
}

const isHash = (text: string): boolean => /^[0-9a-f]{64}$/.test(text)

/** Whether the path leads from the leaf at this index to the root of the tree (RFC 9162, section 2.1.3.2). */
export const isIncluded = (
  sha256: Sha256,
  leaf: string,
  index: number,
  path: readonly string[],
  tree: { readonly size: number; readonly root: string },
): boolean => {
  if (!(index >= 0 && index < tree.size && [leaf, ...path].every(isHash))) return false
  let [at, last, hash] = [index, tree.size - 1, leaf]
  for (const sibling of path) {
    if (last === 0) return false
    if (at % 2 === 1 || at === last) {
      hash = nodeHash(sha256, sibling, hash)
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)]
    } else hash = nodeHash(sha256, hash, sibling)
    at = Math.floor(at / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 && hash === tree.root
}
