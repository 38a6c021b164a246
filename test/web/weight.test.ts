import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startSite, type Site } from '../support/pages.ts'

/** The size of what is loaded before the first list, and the time that it takes. */
const weight = suite<{ site: Site }>('the weight of the pages')
weight.before(async (context) => {
  context.site = await startSite()
  const ann = await context.site.api('Ann Archer')
  for (let n = 1; n <= 50; n++)
    await ann.post('/v1/tickets', { subject: `No ${n}`, description: 'One.', category: 'other' })
})
weight.after(async ({ site }) => site.close())

const kilobytes = (bytes: number): string => `${(bytes / 1_000).toFixed(1)} kB`
const assets = resolve(import.meta.dirname, '../../adapters/web/dist/assets')

weight('at most 60 kB of compressed script are loaded before the first list', async ({ site }) => {
  const { page, open, context } = await site.signIn('Ann Archer')
  const scripts = new Set<string>()
  page.on('response', (response) => {
    const { pathname } = new URL(response.url())
    if (pathname.endsWith('.js') || pathname.endsWith('.mjs')) scripts.add(pathname)
  })
  await open('/tickets')
  await page.getByRole('row').nth(50).waitFor()
  assert.ok(scripts.size > 0, 'scripts came')
  const size = [...scripts].reduce((sum, path) => sum + gzipSync(readFileSync(join(assets, '..', path))).length, 0)
  console.log(`measured: ${kilobytes(size)} of script by gzip before the first list (${scripts.size} files)`)
  assert.ok(size <= 60_000, kilobytes(size))
  await context.close()
})

weight('pdf.js is built, and loaded only when it is needed', () => {
  const largest = readdirSync(assets).map((name) => readFileSync(join(assets, name)).length)
  assert.ok(Math.max(...largest) > 300_000)
})

weight('scripts are compressed and cached for good; the document is revalidated each time', async ({ site }) => {
  const document = await fetch(`${site.server.url}/tickets`)
  assert.is(document.headers.get('cache-control'), 'no-cache')
  const [, script] = /src="(\/assets\/[^"]+\.js)"/.exec(await document.text()) ?? []
  const answer = await fetch(`${site.server.url}${script}`, { headers: { 'Accept-Encoding': 'br' } })
  assert.is(answer.headers.get('content-encoding'), 'br')
  assert.match(answer.headers.get('cache-control') ?? '', /immutable/)
})

weight('the first list shows in less than a second on a cold cache', async ({ site }) => {
  const person = await site.signIn('Ann Archer')
  const state = await person.context.storageState()
  await person.context.close()
  const times: number[] = []
  for (let run = 0; run < 5; run++) {
    const context = await site.browser.newContext({ storageState: state })
    const page = await context.newPage()
    const begun = performance.now()
    await page.goto(`${site.server.url}/tickets`, { waitUntil: 'commit' })
    await page.getByRole('row').nth(50).waitFor()
    times.push(performance.now() - begun)
    await context.close()
  }
  const median = times.toSorted((a, b) => a - b)[2] ?? Number.POSITIVE_INFINITY
  console.log(`measured: first list after ${median.toFixed(0)} ms, the median of ${times.length} cold starts`)
  assert.ok(median < 1_000, `${median} ms`)
})

weight('no inline script runs', async ({ site }) => {
  const { page, open, context } = await site.signIn('Ann Archer')
  await open('/tickets')
  const policy = (await page.request.get('/tickets')).headers()['content-security-policy'] ?? ''
  assert.not.match(policy, /unsafe/)
  await page.evaluate(() => {
    const script = document.createElement('script')
    script.textContent = 'window.ran = true'
    document.body.append(script)
  })
  assert.is(await page.evaluate("'ran' in window"), false)
  await context.close()
})

weight.run()
