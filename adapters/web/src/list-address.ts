import { address, go } from './router.ts'

/**
 * Goes to the same list with these values of a parameter, empty ones left out. What was sorted by hand stays so, until
 * other words are looked for.
 */
export const goWith = (name: string, ...values: readonly string[]): void => {
  const { path, query } = address.value
  const next = new URLSearchParams(query)
  next.delete(name)
  for (const value of values) if (value !== '') next.append(name, value)
  if (name === 'q') next.delete('sort')
  go(next.size === 0 ? path : `${path}?${next}`)
}
