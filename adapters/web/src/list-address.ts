import { address, go } from './router.ts'

/** The chosen order, else relevance for a search and the latest update for a list. */
export const sortOf = (query: URLSearchParams): string =>
  query.get('sort') ?? (query.get('q') ? 'relevance' : '-updated')

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
