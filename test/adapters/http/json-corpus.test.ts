import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeJson } from '../../../adapters/http/json.ts'
import { skipHere } from '../../support/skips.ts'

/** https://github.com/nst/JSONTestSuite: `y_` must be accepted, `n_` must be refused, `i_` may be either. */
const shared = process.env['LEDGERDESK_SHARED_DATA'] ?? resolve(import.meta.dirname, '../../../../shared/data')
const folder = join(shared, 'corpus/json-test-suite/test_parsing')

/** JSON that this decoder refuses, and why. */
const unwanted: Readonly<Record<string, string>> = {
  'y_number.json': 'must be a number from -9007199254740991 to 9007199254740991',
  'y_number_real_capital_e.json': 'must be a number from -9007199254740991 to 9007199254740991',
  'y_number_real_exponent.json': 'must be a number from -9007199254740991 to 9007199254740991',
  'y_number_real_fraction_exponent.json': 'must be a number from -9007199254740991 to 9007199254740991',
  'y_object_extreme_numbers.json': 'must be a number from -9007199254740991 to 9007199254740991',
  'y_object_duplicated_key.json': 'is given twice',
  'y_object_duplicated_key_and_value.json': 'is given twice',
  'y_object_escaped_null_in_key.json': 'holds a NUL character',
  'y_string_null_escape.json': 'holds a NUL character',
}

const corpus = suite('the JSON corpus')

if (existsSync(folder)) {
  corpus('is taken and refused as it says', () => {
    const files = readdirSync(folder)
    assert.ok(files.length >= 300)
    for (const file of files) {
      const outcome = decodeJson(readFileSync(join(folder, file)))
      const refusal = outcome._tag === 'Right' ? null : outcome.left
      if (file.startsWith('n_')) assert.is.not(refusal, null, file)
      if (!file.startsWith('y_')) continue
      const why = refusal === null ? undefined : refusal.tag === 'Malformed' ? refusal.why : refusal.error.message
      assert.is(why, unwanted[file], file)
    }
  })
} else skipHere(import.meta.filename)

corpus.run()
