import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Browser, BrowserContext } from 'playwright-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startBrowser } from '../support/browser.ts'
import type { Client } from '../support/client.ts'
import { demoClient } from '../support/demo.ts'
import { fixture, text, type Sent } from '../support/fixtures.ts'
import { startServer, type RunningServer } from '../support/server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** Hostile files in a real browser: none of their scripts may run. */
interface Context {
  server: RunningServer
  folder: ReturnType<typeof temporaryFolder>
  browser: Browser
  ann: Client
}

const previews = suite<Context>('previews in a browser')

previews.before(async (context) => {
  context.folder = temporaryFolder()
  context.server = await startServer(context.folder.path)
  context.ann = await demoClient(context.server, context.folder.path, 'Ann Archer')
  context.browser = await startBrowser()
})
previews.after(async ({ browser, server, folder }) => {
  await browser.close()
  await server.stop()
  folder.remove()
})

/** A script shows that it ran in every way that it can: a dialog, a console line, a request. */
const script = "alert('ran');console.log('ran');fetch('/ran');window.ran=true"
const page = `<!doctype html><html><body onload="${script}"><script>${script}</script><img src=x onerror="${script}"></body></html>`

/** A GIF that is valid JavaScript too: a comment and an assignment. */
const polyglot = (): Sent => {
  const head = Buffer.concat([
    Buffer.from('GIF89a'),
    Buffer.from([0x2f, 0x2a]),
    Buffer.from([0x0a, 0x00]),
    Buffer.from([0, 0, 0]),
  ])
  return { name: 'both.gif', bytes: Uint8Array.from(Buffer.concat([head, Buffer.from(`*/=1;${script}`)])) }
}

const pdf = (): Sent => {
  const open = `/OpenAction << /S /JavaScript /JS (app.alert\\('ran'\\)) >>`
  const { name, bytes } = fixture('pdf')
  const source = Buffer.from(bytes).toString('latin1').replace('/Type/Catalog', `/Type/Catalog${open}`)
  return { name, bytes: Uint8Array.from(Buffer.from(source, 'latin1')) }
}

const hostile = (): readonly Sent[] => [
  text('page.txt', page),
  text('page.csv', `=HYPERLINK("javascript:${script}"),=cmd|' /C calc'!A0\n${page}`),
  { name: 'wide.txt', bytes: Uint8Array.from(Buffer.from(`\uFEFF${page}`, 'utf16le')) },
  text('seven.txt', `+ADw-script+AD4-${script}+ADw-/script+AD4-`),
  polyglot(),
  pdf(),
]

const attached = async (ann: Client, file: Sent): Promise<string> => {
  const answer = await ann.upload(file)
  assert.is(answer.status, 201, `${file.name}: ${JSON.stringify(answer.body)}`)
  const [{ id }] = Array.isArray(answer.body['files']) ? answer.body['files'] : []
  const body = { subject: file.name, description: 'See.', category: 'other', attachments: [id] }
  assert.is((await ann.post('/v1/tickets', body)).status, 201)
  return `/v1/files/${id}/preview`
}

/** What scripts did while the browser was at `url`. */
const ran = async (context: BrowserContext, url: string): Promise<readonly string[]> => {
  const signs: string[] = []
  const tab = await context.newPage()
  tab.on('dialog', (dialog) => {
    signs.push('dialog')
    void dialog.dismiss()
  })
  tab.on('console', (message) => {
    if (message.text() === 'ran') signs.push('console')
  })
  tab.on('request', (request) => {
    if (request.url().endsWith('/ran')) signs.push('request')
  })
  await tab.goto(url, { waitUntil: 'load' }).catch((error: unknown) => {
    // A browser downloads what it cannot show, and then the navigation fails.
    if (!String(error).includes('Download is starting')) throw error
  })
  // No script of the test's own can run in such a page. Its events came before the next navigation ends.
  await tab.goto('about:blank')
  await tab.close()
  return signs
}

const signedIn = (browser: Browser, ann: Client): Promise<BrowserContext> =>
  browser.newContext({ extraHTTPHeaders: { authorization: `Bearer ${ann.token}` } })

previews('without the headers its scripts run, and this test sees it', async ({ browser, ann }) => {
  const unsafe = createServer((_request, response) => response.setHeader('Content-Type', 'text/html').end(page))
  unsafe.listen(0, '127.0.0.1')
  await once(unsafe, 'listening')
  const { port } = unsafe.address() as AddressInfo
  const context = await signedIn(browser, ann)
  const signs = await ran(context, `http://127.0.0.1:${port}/`)
  assert.equal(new Set(signs), new Set(['dialog', 'console', 'request']))
  await context.close()
  unsafe.closeAllConnections()
  unsafe.close()
})

previews('no script of a hostile file runs, neither in its preview nor as a download', async ({ browser, ann }) => {
  const context = await signedIn(browser, ann)
  for (const file of hostile()) {
    const path = await attached(ann, file)
    for (const each of [path, path.replace('/preview', '')]) {
      assert.equal(await ran(context, ann.url + each), [], `${file.name} at ${each}`)
    }
  }
  await context.close()
})

previews('a page cannot load a file as a script, though it is valid JavaScript', async ({ browser, ann }) => {
  // Without the content security policy of the page, so that only the file's headers decide.
  const context = await browser.newContext({
    extraHTTPHeaders: { authorization: `Bearer ${ann.token}` },
    bypassCSP: true,
  })
  const tab = await context.newPage()
  await tab.goto(`${ann.url}/healthz`)
  const load = (source: string): Promise<unknown> =>
    tab.evaluate(`new Promise((resolve) => {
      const element = document.createElement('script')
      element.onload = () => resolve('loaded')
      element.onerror = () => resolve('refused')
      element.src = ${JSON.stringify(source)}
      document.documentElement.append(element)
    })`)
  assert.is(await load('data:text/javascript,0'), 'loaded')
  for (const file of [polyglot(), text('script.txt', script)]) {
    assert.is(await load(await attached(ann, file)), 'refused', file.name)
  }
  assert.is(await tab.evaluate("'ran' in window"), false)
  await context.close()
})

previews.run()
