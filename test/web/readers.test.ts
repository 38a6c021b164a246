import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ledgerdesk } from '../support/server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { button, messageIn, startSite, until, type Site } from '../support/pages.ts'

/** Roles that only read: an auditor on a ticket's history, an analyst on the reports. */
interface Context {
  site: Site
  ticket: string
}

const readers = suite<Context>('auditors and analysts at the pages')

readers.before(async (context) => {
  context.site = await startSite()
  const ann = await context.site.api('Ann Archer')
  const sue = await context.site.api('Sue Singh')
  const { body } = await ann.post('/v1/tickets', { subject: 'No picture', description: 'Dark.', category: 'video-cdn' })
  context.ticket = String(body['id'])
  await sue.post(`/v1/tickets/${context.ticket}/comments`, {
    body: 'Which region?',
    thenStatus: 'waiting_for_customer',
  })
  await ann.post(`/v1/tickets/${context.ticket}/comments`, { body: 'Italy.' })
  await sue.post(`/v1/tickets/${context.ticket}/close`)
})
readers.after(async ({ site }) => site.close())

const links = (page: Page): Promise<string[]> => page.getByRole('navigation').getByRole('link').allTextContents()

readers('an auditor sees every event in order, and that the hash chain is intact', async ({ site, ticket }) => {
  const { page, open, context, errors } = await site.signIn('Ada Adler')
  assert.equal(await links(page), ['Tickets', 'Archive', 'Reports'])
  await open(`/tickets/${ticket}/history`)
  await page.getByText(/^Verified: each of the 6 events/).waitFor()
  const events = await page.getByRole('list').getByRole('listitem').locator('strong').allTextContents()
  const titles = ['Opened', 'Commented', 'Changed the status', 'Commented', 'Changed the status', 'Closed']
  assert.equal(events.slice(-6), titles)
  assert.equal(errors, [])
  await context.close()
})

readers('the slider shows the versions of the ticket, by keyboard too', async ({ site, ticket }) => {
  const { page, open, context } = await site.signIn('Ada Adler')
  await open(`/tickets/${ticket}/history`)
  const stood = page.getByRole('region', { name: 'The ticket as it stood' })
  await stood.getByText('Closed').waitFor()
  await page.getByRole('slider', { name: 'Version 6 of 6' }).focus()
  await page.keyboard.press('Home')
  await stood.getByText('Open', { exact: true }).waitFor()
  assert.is(await messageIn(page, 'Which region?').count(), 0, 'nobody had asked yet')
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowRight')
  await stood.getByText('Waiting for customer').waitFor()
  await messageIn(page, 'Which region?').waitFor()
  await page.getByRole('button', { name: 'Version 6' }).click()
  await stood.getByText('Closed').waitFor()
  await context.close()
})

readers('a downloaded proof passes offline; a customer is offered none', async ({ site, ticket }) => {
  const { page, open, context, errors } = await site.signIn('Ada Adler')
  await open(`/tickets/${ticket}/history`)
  await page.getByText('Proof to check offline').click()
  await page.getByText(`npx ledgerdesk verify --bundle ${ticket}.bundle.json --key key.txt`).waitFor()
  const [download] = await Promise.all([page.waitForEvent('download'), button(page, 'Download the bundle').click()])
  assert.is(download.suggestedFilename(), `${ticket}.bundle.json`)
  const elsewhere = temporaryFolder()
  const key = join(elsewhere.path, 'key.txt')
  writeFileSync(key, (await ledgerdesk(site.folder, 'head', '--public-key')).stdout)
  const verified = await ledgerdesk(elsewhere.path, 'verify', '--bundle', await download.path(), '--key', key)
  assert.equal(JSON.parse(verified.stdout), { events: 6, ok: true, firstBad: null })
  elsewhere.remove()
  assert.equal(errors, [])
  await context.close()
  const ann = await site.signIn('Ann Archer')
  await ann.open(`/tickets/${ticket}/history`)
  await ann.page.getByText(/^Verified/).waitFor()
  assert.is(await ann.page.getByText('Proof to check offline').count(), 0)
  await ann.context.close()
})

readers('a broken hash chain shows where it breaks', async ({ site, ticket }) => {
  const { page, open, context } = await site.signIn('Ada Adler')
  await page.route('**/history', async (route) => {
    if (route.request().resourceType() === 'document') return route.continue()
    const answer = await route.fetch()
    const { items } = await answer.json()
    items[3].previousHash = items[3].previousHash.replaceAll(/[0-9]/g, 'a')
    return route.fulfill({ response: answer, json: { items } })
  })
  await open(`/tickets/${ticket}/history`)
  await page.getByRole('alert').getByText('the event of version 4').waitFor()
  assert.is(await page.getByText(/^Verified/).count(), 0)
  await context.close()
})

readers('an auditor has no field and no button that changes anything', async ({ site, ticket }) => {
  const { page, open, context } = await site.signIn('Ada Adler')
  await open(`/tickets/${ticket}`)
  assert.is(await page.getByRole('main').getByRole('textbox').count(), 0)
  for (const name of ['Reopen ticket', 'Close ticket', 'Take', 'Assign']) {
    assert.is(await page.getByRole('button', { name }).count(), 0, name)
  }
  await context.close()
})

readers('an analyst sees the reports as charts and tables, and downloads them as CSV', async ({ site }) => {
  const { page, open, context, errors } = await site.signIn('Ira Ito')
  assert.equal(await links(page), ['Reports'])
  await open('/reports')
  await page.getByRole('img', { name: 'Opened, Closed, Reopened' }).waitFor()
  const cells = page
    .getByRole('region', { name: 'How many tickets come and go' })
    .getByRole('row')
    .last()
    .getByRole('cell')
  assert.equal((await cells.allTextContents()).slice(1), ['1', '1', '0', '0'])
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download CSV' }).click(),
  ])
  assert.is(download.suggestedFilename(), 'volume.csv')
  const ira = await site.api('Ira Ito')
  const written = await (await ira.fetch('/v1/reports/volume', { accept: 'text/csv' })).text()
  assert.is(readFileSync(await download.path(), 'utf8'), written)
  await page.getByRole('button', { name: 'How fast support answers and closes' }).click()
  await page.getByRole('cell', { name: 'Video CDN' }).waitFor()
  await page.getByLabel('Category').selectOption({ label: 'Billing' })
  await until('nothing of another category is left', async () => (await page.getByText('Video CDN').count()) === 1)
  assert.match(page.url(), /name=response&category=billing/)
  assert.equal(errors, [])
  await context.close()
})

readers('an analyst who opens the tickets sees none', async ({ site, ticket }) => {
  const { page, context } = await site.signIn('Ira Ito')
  for (const path of ['/tickets', `/tickets/${ticket}`]) {
    await page.goto(path)
    await page.getByRole('alert').waitFor()
    assert.not((await page.content()).includes('No picture'))
  }
  await context.close()
})

readers.run()
