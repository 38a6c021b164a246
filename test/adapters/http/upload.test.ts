import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { contentOf } from '../../../adapters/files/content.ts'
import { noScanner } from '../../../adapters/files/clamd.ts'
import { openFileStore } from '../../../adapters/files/store.ts'
import { holdsAsync } from '../../support/arbitrary.ts'
import { fixtures } from '../../support/fixtures.ts'
import { startHttp, type HttpTestServer } from '../../support/http-server.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const uploads = suite<{ http: HttpTestServer; folder: ReturnType<typeof temporaryFolder> }>('broken uploads')
uploads.before(async (context) => {
  context.folder = temporaryFolder()
  const ports = { contentOf, scan: noScanner, clock: { now: Date.now } }
  context.http = await startHttp({ files: await openFileStore({ folder: context.folder.path, ...ports }) })
})
uploads.after(async ({ http, folder }) => {
  await http.close()
  folder.remove()
})

const form = (files: readonly { readonly name: string; readonly bytes: Uint8Array }[]): Buffer =>
  Buffer.concat([
    ...files.flatMap(({ name, bytes }) => [
      Buffer.from(`--edge\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n\r\n`),
      bytes,
      Buffer.from('\r\n'),
    ]),
    Buffer.from('--edge--\r\n'),
  ])

/** Cuts out two bytes, flips bits, and cuts off the end. */
const broken = fc.record({
  files: fc.array(fc.constantFrom(...fixtures.values()), { minLength: 1, maxLength: 3 }),
  cuts: fc.array(fc.nat(), { maxLength: 2 }),
  flips: fc.array(fc.nat(), { maxLength: 4 }),
  end: fc.option(fc.nat(), { freq: 3 }),
})

uploads('a form that is broken anywhere is taken or refused, never a failure and never a wait', async ({ http }) => {
  const seen = new Map<number, number>()
  await holdsAsync(
    fc.asyncProperty(broken, async ({ files, cuts, flips, end }) => {
      let body = form(files)
      for (const cut of cuts) {
        const at = cut % body.length
        body = Buffer.concat([body.subarray(0, at), body.subarray(at + 2)])
      }
      for (const flip of flips) {
        const at = (flip >> 3) % body.length
        body[at] = (body[at] ?? 0) ^ (1 << (flip & 7))
      }
      if (end !== null) body = body.subarray(0, end % body.length)
      const response = await fetch(`${http.url}/v1/files`, {
        method: 'POST',
        headers: { ...http.bearer('ann'), 'Content-Type': 'multipart/form-data; boundary=edge' },
        body: new Uint8Array(body),
        signal: AbortSignal.timeout(10_000),
      })
      await response.arrayBuffer()
      seen.set(response.status, (seen.get(response.status) ?? 0) + 1)
      assert.ok([201, 400, 413, 415, 422].includes(response.status), `${response.status}`)
    }),
    { usually: 300, soaked: 5_000 },
  )
  assert.ok(seen.has(201) && seen.has(400) && seen.has(415), JSON.stringify([...seen]))
})

uploads.run()
