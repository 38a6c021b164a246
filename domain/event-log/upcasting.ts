/** The two parts of a stored event, parsed. `personal` is `erased` once erased. */
export interface Parts {
  readonly data: unknown
  readonly personal: unknown
}

/** From each past schema version of a type to the next: `upcasters['Opened']?.[1]` turns version 1 into version 2. */
export type Upcasters = Readonly<Record<string, Readonly<Record<number, (parts: Parts) => Parts>>>>

/** Behind them only present shapes exist. Every version ever written has a golden file in `test/domain/golden`. */
export const upcasters: Upcasters = {}
