import type { EventType } from './registry.ts'

/** The two parts of a stored event, parsed. `personal` is null once erased. */
export interface Parts {
  readonly data: unknown
  readonly personal: unknown
}

/**
 * From each past schema version to the next: `upcasters.Opened?.[1]` turns version 1 into version 2. Behind them only
 * present shapes exist. Every version ever written has a golden file in `test/domain/golden`.
 */
export const upcasters: { readonly [T in EventType]?: { readonly [schema: number]: (parts: Parts) => Parts } } = {}
