/**
 * Writes the golden files of read models with a new version, and again those that the golden log has grown for. The others
 * stay as they are: a version that was committed is never changed to another table or another handler.
 * `npx node test/projections/make-golden.ts`
 */
import { fileOf, makeGolden, readGolden, readModels, remedyOf, writeGolden } from './golden.ts'
import { goldenLog } from './golden-log.ts'

const isMadeBy = (model: (typeof readModels)[number], golden: ReturnType<typeof makeGolden>): boolean =>
  JSON.stringify(makeGolden(model, golden.events)) === JSON.stringify(golden)

for (const model of readModels) {
  const golden = readGolden(model)
  if (golden !== null && !isMadeBy(model, golden)) {
    console.error(`${fileOf(model)} is not what the code makes: ${remedyOf(model)}`)
    process.exitCode = 1
  } else if (golden === null || golden.events < goldenLog().length) {
    writeGolden(model)
    console.log(`${golden === null ? 'new' : 'over the longer log'}: ${fileOf(model)}`)
  } else console.log(`as before: ${fileOf(model)}`)
}
