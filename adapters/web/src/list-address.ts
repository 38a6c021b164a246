import { address, go } from './router.ts'

/**
 * Opens the same list with these values of a parameter, without empty ones. A chosen sort order stays until the search
 * words change.
 */
export const goWith = (name: string, ...values: readonly string[]): void => {
  const { path, query } = address.value
  const next = new URLSearchParams(query)
  next.delete(name)
  for (const value of values) if (value !== '') next.append(name, value)
  if (name === 'q') next.delete('sort')
  go(next.size === 0 ? path : `${path}?${next}`)
}
