import type { eventTypes, EventType } from './event-types.ts'

/** The two parts of a stored event, parsed. `personal` is `erased` where that part was erased. */
export interface Parts {
  readonly data: unknown
  readonly personal: unknown
}

/** Converts the parts of one schema version to those of the next. */
export type Upcaster = (parts: Parts) => Parts

/** By type and past schema version: `upcasters.Opened[1]` converts version 1 to version 2. */
export type Upcasters = Readonly<Record<string, Readonly<Record<number, Upcaster>>>>

/** The versions before `Schema`: 1 | 2 for 3. */
type PastVersion<Schema extends number, Past extends number[] = [0]> = Past['length'] extends Schema
  ? Exclude<Past[number], 0>
  : PastVersion<Schema, [...Past, Past['length']]>

type PastVersionOf<T extends EventType> = PastVersion<(typeof eventTypes)[T]['schema']>

/** An upcaster for each past version of each type: raising a `schema` in `event-types.ts` does not compile without it. */
type RequiredUpcasters = {
  readonly [T in EventType as [PastVersionOf<T>] extends [never] ? never : T]: {
    readonly [Version in PastVersionOf<T>]: Upcaster
  }
}

/**
 * Run by `decode-event.ts`, so that all other code knows current shapes only. Every version that was ever written has a
 * golden file in `test/domain/golden`.
 */
export const upcasters: RequiredUpcasters = {}
