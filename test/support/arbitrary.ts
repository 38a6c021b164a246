import fc from 'fast-check'

/**
 * Property tests print their seed, which reproduces a failure: `LEDGERDESK_SEED=… npm test -- PART`.
 * `LEDGERDESK_SOAK=1` runs the nightly number of examples.
 */
const given = process.env['LEDGERDESK_SEED']
const seed = given === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(given)
const soaking = process.env['LEDGERDESK_SOAK'] === '1'

let said = false

/** Pseudo-random numbers from 0 to 1 by the seed (mulberry32). */
export const seededRandom = (): (() => number) => {
  if (!said) console.log(`\nseed: ${seed}`)
  said = true
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Checks a property on `usually` examples, or in a soak run on `soaked`. */
export const holds = <T>(
  property: fc.IProperty<T>,
  { usually, soaked = usually * 20 }: { readonly usually: number; readonly soaked?: number },
): void => {
  // Begins with a line feed, since uvu prints a dot for each test and none.
  if (!said) console.log(`\nseed: ${seed}`)
  said = true
  fc.assert(property, { seed, numRuns: soaking ? soaked : usually })
}

/** As `holds`, for an asynchronous property. */
export const holdsAsync = async <T>(
  property: fc.IAsyncProperty<T>,
  { usually, soaked = usually * 20 }: { readonly usually: number; readonly soaked?: number },
): Promise<void> => {
  if (!said) console.log(`\nseed: ${seed}`)
  said = true
  await fc.assert(property, { seed, numRuns: soaking ? soaked : usually })
}

const hostile = [
  '',
  '__proto__',
  'constructor',
  'toString',
  '{"a":1}',
  '\\"\u2028\u2029\u0000\r\n\t',
  '0',
  '-0',
  '👩‍👩‍👧‍👦 e\u0301 ﬁ',
  '\u202Eevil\u2066',
  "'; DROP TABLE events; --",
  'long '.repeat(4_000),
]

/** Any well-formed text: decoding refuses lone surrogates. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  { weight: 8, arbitrary: fc.string({ unit: 'binary' }) },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme' }) },
  { weight: 2, arbitrary: fc.constantFrom(...hostile) },
)

/** Any count or size. */
export const anyCount: fc.Arbitrary<number> = fc.nat({ max: Number.MAX_SAFE_INTEGER })
