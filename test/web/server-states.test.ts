import type { Page } from 'playwright-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { button, startSite, type Site } from '../support/pages.ts'
import { until } from '../support/until.ts'

/** What the pages say while the server cannot do everything. */
const states = suite<{ site: Site }>('the states of the server at the pages')

states.before(async (context) => {
  context.site = await startSite()
})
states.after(async ({ site }) => site.close())

/** The server says of itself what the test decides, or cannot be reached. */
const inState = async (page: Page, first: string, progress: number | null = null) => {
  const now = { status: first, asked: 0 }
  await page.route('**/readyz', (route) => {
    now.asked++
    return now.status === 'unreachable'
      ? route.abort()
      : route.fulfill({
          status: now.status === 'ready' ? 200 : 503,
          json: { status: now.status, reason: now.status === 'ready' ? null : 'so it is', progress },
        })
  })
  return now
}

const refusal = {
  status: 503,
  contentType: 'application/problem+json',
  body: JSON.stringify({
    type: '/problems/not-ready',
    title: 'Not ready yet',
    status: 503,
    detail: 'Nothing was stored. Try again: the log cannot be written.',
    instance: '/v1/tickets',
  }),
}

const readOnly = (page: Page) => page.getByRole('status').getByText('The helpdesk is read-only')
const gettingReady = (page: Page) => page.getByRole('status').getByText('The helpdesk is getting ready')

states('a refused command shows that the helpdesk is read-only, until it is not', async ({ site }) => {
  const { context, page, open } = await site.signIn('Ann Archer')
  const now = await inState(page, 'ready')
  await open('/new')
  assert.is(await readOnly(page).count(), 0)
  now.status = 'read-only'
  await page.route('**/v1/tickets', (route) =>
    route.request().method() === 'POST' ? route.fulfill(refusal) : route.continue(),
  )
  await page.getByLabel('Subject').fill('No picture')
  await page.getByLabel('Description').fill('The stream is dark.')
  await page.getByLabel('Ticket type').selectOption({ index: 1 })
  await button(page, 'Create Ticket').click()
  await readOnly(page).waitFor()
  assert.is(await page.getByLabel('Subject').inputValue(), 'No picture', 'what was typed stays')
  now.status = 'ready'
  await readOnly(page).waitFor({ state: 'detached' })
  await context.close()
})

states('a refused upload shows that the helpdesk is read-only', async ({ site }) => {
  const { context, page, open } = await site.signIn('Ann Archer')
  const now = await inState(page, 'ready')
  await open('/new')
  now.status = 'read-only'
  await page.route('**/v1/files', (route) => route.fulfill(refusal))
  await page
    .locator('input[type=file]')
    .setInputFiles({ name: 'log.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') })
  await readOnly(page).waitFor()
  await context.close()
})

states('a page that waits for the helpdesk goes on although the server restarts meanwhile', async ({ site }) => {
  const { context, page } = await site.signIn('Ann Archer')
  const now = await inState(page, 'catching-up')
  await page.route('**/v1/**', (route) => (now.status === 'ready' ? route.continue() : route.fulfill(refusal)))
  await page.goto('/tickets')
  await gettingReady(page).waitFor()
  now.status = 'unreachable'
  const before = now.asked
  await until(() => now.asked >= before + 2)
  now.status = 'ready'
  await button(page, 'Sign out').waitFor()
  await context.close()
})

states('a page that is opened while the helpdesk gets ready says so, and goes on by itself', async ({ site }) => {
  const { context, page } = await site.signIn('Ann Archer')
  const now = await inState(page, 'catching-up', 0.4)
  await page.route('**/v1/**', (route) => (now.status === 'ready' ? route.continue() : route.fulfill(refusal)))
  await page.goto('/tickets')
  await gettingReady(page).waitFor()
  assert.is(await page.getByRole('progressbar', { name: 'Progress' }).getAttribute('value'), '0.4')
  assert.is(await page.getByRole('alert').count(), 0)
  now.status = 'ready'
  await button(page, 'Sign out').waitFor()
  assert.is(await gettingReady(page).count(), 0)
  await context.close()
})

states.run()
