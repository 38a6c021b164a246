/**
 * Writes the golden files of read models with a new version, and of those that the log of the golden files has grown
 * for. One that exists is never changed to another table or another handler: give the read model its next version.
 * `npx node test/projections/make-golden.ts`
 */
import { fileOf, makeGolden, readGolden, readModels, writeGolden } from './golden.ts'

for (const model of readModels) {
  const golden = readGolden(model)
  const isAsWritten = golden !== null && JSON.stringify(makeGolden(model, golden.events)) === JSON.stringify(golden)
  if (golden !== null && !isAsWritten) {
    console.error(`${model.name} is not what its version ${model.version} was: give it version ${model.version + 1}`)
    process.exitCode = 1
    continue
  }
  writeGolden(model)
  console.log(`${golden === null ? 'new' : 'as before'}: ${fileOf(model)}`)
}
