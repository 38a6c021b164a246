import { readFileSync } from 'node:fs'
import { isLeft } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { decode, externalText, type FieldError } from '../domain/codec.ts'
import type { ListedCategory } from '../domain/ticket/category.ts'

const builtIn: readonly ListedCategory[] = [
  { id: 'technical', name: 'Technical' },
  { id: 'billing', name: 'Billing' },
  { id: 'account', name: 'Account' },
  { id: 'video-cdn', name: 'Video CDN' },
  { id: 'anycast-cdn', name: 'Anycast CDN' },
  { id: 'kubernetes', name: 'Kubernetes' },
  { id: 'cloud-servers', name: 'Cloud Servers' },
  { id: 'load-balancer', name: 'Load Balancer' },
  { id: 'other', name: 'Other' },
].map((category) => ({ ...category, retired: false }))

const File = t.array(
  t.intersection([t.strict({ id: externalText, name: externalText }), t.partial({ retired: t.boolean })]),
)

const form = '[{"id","name"}], with "retired": true for a category that takes no more tickets'

/** The whole list and its elements are named by the form; a codec's name would be no help. */
const problemOf = ({ path, message }: FieldError): string => {
  if (path === '') return 'it is no list'
  return /^\d+$/.test(path) ? `element ${path} is no object` : `${path} ${message}`
}

/**
 * The ticket categories: the built-in ones, or those of a JSON file `[{"id","name","retired"?}]`.
 * @throws Error of one line where the file cannot be read or is not of that form.
 */
export const readCategories = (file: string | undefined): readonly ListedCategory[] => {
  if (file === undefined) return builtIn
  const decoded = decode(File)(JSON.parse(readFileSync(file, 'utf8')))
  if (isLeft(decoded)) {
    throw new Error(`must have the form ${form}: ${decoded.left.map(problemOf).join('; ')}`)
  }
  const ids = decoded.right.map(({ id }) => id)
  if (ids.length === 0) throw new Error('it has no category')
  if (new Set(ids).size < ids.length) throw new Error('two categories have the same id')
  return decoded.right.map((category) => ({ id: category.id, name: category.name, retired: category.retired ?? false }))
}
