import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startBrowser } from '../support/browser.ts'
import { freePort } from '../support/free-port.ts'
import { startWithProvider } from '../support/oidc.ts'
import { button } from '../support/pages.ts'
import { textOf } from '../support/repository-files.ts'
import { skipHere } from '../support/skips.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

/** A real browser before a real nginx with the configuration of the documents: TLS, HTTP/2, gzip. */
const behind = suite('behind nginx')

const isThere = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const end = (is: boolean) => {
      socket.destroy()
      resolve(is)
    }
    socket.once('connect', () => end(true)).once('error', () => end(false))
  })

/** The server block of docs/operations/proxy.md, for this machine. */
const serverBlock = (folder: string, port: number, upstream: string): string =>
  (/```nginx\n([^]*?)```/.exec(textOf('docs/operations/proxy.md'))?.[1] ?? '')
    .replace('listen 443', `listen 127.0.0.1:${port}`)
    .replace('desk.example.com', 'localhost')
    .replace('/etc/ssl/desk.pem', join(folder, 'cert.pem'))
    .replace('/etc/ssl/desk.key', join(folder, 'key.pem'))
    .replace('http://127.0.0.1:8080', upstream)

const startNginx = async (folder: string, port: number, upstream: string) => {
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  const kind = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2'.split(' ')
  const files = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')]
  assert.is(spawnSync('openssl', [...kind, ...subject, ...files]).status, 0)
  mkdirSync(join(folder, 'temporary'))
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/temporary/${name};`)
    .join('\n')
  writeFileSync(
    join(folder, 'nginx.conf'),
    `pid ${folder}/pid; error_log stderr warn; worker_processes 1; daemon off; user ${process.getuid?.() === 0 ? 'root' : 'nobody'};
events {}
http { access_log off; gzip on; gzip_types *; ${paths}
${serverBlock(folder, port, upstream)} }`,
  )
  const nginx = spawn('nginx', ['-e', 'stderr', '-p', folder, '-c', join(folder, 'nginx.conf')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const ended = once(nginx, 'exit')
  await until(async () => nginx.exitCode !== null || (await isThere(port)))
  assert.is(nginx.exitCode, null, 'nginx does not start with the documented configuration')
  return async () => {
    nginx.kill('SIGTERM')
    await ended
  }
}

const signedInPage = async (browser: Browser, desk: string, user: string): Promise<Page> => {
  const context = await browser.newContext({ ignoreHTTPSErrors: true })
  context.setDefaultTimeout(60_000)
  const page = await context.newPage()
  await page.goto(desk)
  await page.getByRole('link', { name: 'Sign in', exact: true }).click()
  await page.getByPlaceholder('Enter any login').fill(user)
  await page.getByPlaceholder('and password').fill('any')
  await page.getByRole('button', { name: 'Sign-in' }).click()
  await button(page, 'Sign out').waitFor()
  return page
}

/** A request of the page's own script. */
const sent = async (page: Page, path: string, body: string): Promise<{ status: number; text: string }> =>
  page.evaluate(
    async ([to, content]) => {
      const headers = { 'Content-Type': 'application/json' }
      const response = await fetch(to ?? '', { method: 'POST', headers, body: content ?? '' })
      return { status: response.status, text: await response.text() }
    },
    [path, body],
  )

if (spawnSync('nginx', ['-v']).status === 0) {
  behind('people sign in, upload and see live updates', async () => {
    const folder = temporaryFolder()
    const port = await freePort()
    const desk = `https://localhost:${port}`
    const all = await startWithProvider({ LEDGERDESK_TRUST_PROXY: '127.0.0.1' }, desk)
    const stop = await startNginx(folder.path, port, all.server.url)
    const browser = await startBrowser()
    try {
      const ann = await signedInPage(browser, desk, 'ann')
      const cookies = await ann.context().cookies(desk)
      assert.equal(
        cookies.map(({ name, secure, httpOnly, sameSite }) => [name, secure, httpOnly, sameSite]),
        [['__Host-ledgerdesk', true, true, 'Lax']],
      )
      assert.is(await ann.evaluate('performance.getEntriesByType("navigation")[0].nextHopProtocol'), 'h2')

      const ticket = { subject: 'Dark', description: 'No picture', category: 'other' }
      const opened = await sent(ann, '/v1/tickets', JSON.stringify(ticket))
      assert.is(opened.status, 201)
      const { id }: { readonly id: string } = JSON.parse(opened.text)
      await ann.goto(`${desk}/tickets/${id}`)
      const sue = await signedInPage(browser, desk, 'sue')
      assert.is((await sent(sue, `/v1/tickets/${id}/comments`, '{"body":"Which region is it?"}')).status, 201)
      await ann.getByText('Which region is it?').waitFor()

      const uploaded: unknown = await ann.evaluate(async () => {
        const form = new FormData()
        form.append('file', new File(['x'.repeat(15_000_000)], 'log.txt'))
        return (await fetch('/v1/files', { method: 'POST', body: form })).status
      })
      assert.is(uploaded, 201)
      await button(ann, 'Sign out').click()
      await ann.getByRole('button', { name: 'Yes, sign me out' }).click()
      await ann.getByRole('link', { name: 'Sign in', exact: true }).waitFor()
      assert.equal(await ann.context().cookies(desk), [])
    } finally {
      await browser.close()
      await stop()
      await all.close()
      folder.remove()
    }
  })
} else skipHere(import.meta.filename)

behind.run()
