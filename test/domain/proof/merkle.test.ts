import { existsSync, globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { growingTree, inclusionPaths, isIncluded, leafHash } from '../../../domain/proof/merkle.ts'
import { holds } from '../../support/arbitrary.ts'
import { sha256 } from '../../../adapters/crypto.ts'

import { skipHere } from '../../support/skips.ts'

const hexOf = (base64: string): string => Buffer.from(base64, 'base64').toString('hex')
const eventHashes = (count: number): string[] => Array.from({ length: count }, (_, n) => sha256(Buffer.from(`${n}`)))
const grown = (leaves: readonly string[]) => {
  const tree = growingTree(sha256)
  for (const leaf of leaves) tree.add(leaf)
  return tree
}

const merkle = suite('the Merkle tree')

/** The reference tree of Certificate Transparency: the leaves, and the root after each. */
const reference = [
  ['', '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'],
  ['00', 'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125'],
  ['10', 'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77'],
  ['2021', 'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7'],
  ['3031', '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4'],
  ['40414243', '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef'],
  ['5051525354555657', 'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c'],
  ['606162636465666768696a6b6c6d6e6f', '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328'],
] as const

merkle('has the roots of the public reference tree', () => {
  const tree = growingTree(sha256)
  assert.is(tree.root(), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  for (const [leaf, root] of reference) {
    tree.add(sha256(Buffer.from(`00${leaf}`, 'hex')))
    assert.is(tree.root(), root)
  }
})

merkle('continues from its frontier with the same roots', () => {
  const leaves = eventHashes(70)
  for (let cut = 0; cut <= leaves.length; cut++) {
    const again = growingTree(sha256, grown(leaves.slice(0, cut)).frontier())
    for (const leaf of leaves.slice(cut)) again.add(leaf)
    assert.is(again.root(), grown(leaves).root())
  }
})

merkle('every leaf of every small tree has a path, which fits no other leaf', () => {
  for (let size = 1; size <= 40; size++) {
    const leaves = eventHashes(size)
    const root = grown(leaves).root()
    const paths = inclusionPaths(sha256, leaves, new Set(leaves.keys()))
    assert.is(paths.size, size)
    for (const [index, path] of paths) {
      const leaf = leaves[index] ?? ''
      assert.ok(isIncluded(sha256, leaf, index, path, { size, root }))
      assert.not(isIncluded(sha256, leaf, index + 1, path, { size, root }))
      assert.not(isIncluded(sha256, leaf, index, path, { size: size * 2, root }))
      assert.not(isIncluded(sha256, leafHash(sha256, leaf), index, path, { size, root }))
    }
  }
})

merkle('the paths of a large tree lead to its root, and altered ones do not', () => {
  const leaves = eventHashes(5_000)
  const root = grown(leaves).root()
  const paths = inclusionPaths(sha256, leaves, new Set([0, 1_023, 1_024, 4_095, 4_096, 4_999]))
  assert.is(paths.size, 6)
  const bit = fc.record({
    of: fc.constantFrom(...paths.keys()),
    step: fc.nat(),
    at: fc.nat(63),
    by: fc.integer({ min: 1, max: 15 }),
  })
  holds(
    fc.property(bit, ({ of, step, at, by }) => {
      const path = [...(paths.get(of) ?? [])]
      const tree = { size: leaves.length, root }
      assert.ok(isIncluded(sha256, leaves[of] ?? '', of, path, tree))
      const hash = path[step % path.length] ?? ''
      const digit = (Number.parseInt(hash.charAt(at), 16) ^ by).toString(16)
      path[step % path.length] = hash.slice(0, at) + digit + hash.slice(at + 1)
      assert.not(isIncluded(sha256, leaves[of] ?? '', of, path, tree))
    }),
    { usually: 200 },
  )
})

merkle.run()

/** The valid and invalid inclusion proofs of transparency-dev. */
const vectors = suite('public proofs')
const folder = join(
  process.env['LEDGERDESK_SHARED_DATA'] ?? resolve(import.meta.dirname, '../../../../shared/data'),
  'corpus/merkle-rfc6962/testdata/inclusion',
)

vectors('are accepted and rejected as they should be', () => {
  const files = globSync('**/*.json', { cwd: folder })
  let good = 0
  for (const file of files) {
    const {
      leafIdx,
      treeSize,
      root,
      leafHash: leaf,
      proof,
      wantErr,
    } = JSON.parse(readFileSync(join(folder, file), 'utf8'))
    const path = (proof ?? []).map(hexOf)
    const found = isIncluded(sha256, hexOf(leaf ?? ''), leafIdx, path, { size: treeSize, root: hexOf(root ?? '') })
    assert.is(found, !wantErr, file)
    if (found) good++
  }
  assert.ok(files.length > 50 && good > 3, `${files.length} proofs, ${good} good`)
})

if (existsSync(folder)) vectors.run()
else skipHere(import.meta.filename)
