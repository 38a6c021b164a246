import type { Page } from 'playwright-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { button, messageIn, startSite, until, type Site, type SignedIn } from '../support/pages.ts'

/** A customer's tasks in a real browser; elements are found by the texts on the pages. */
interface Context {
  site: Site
  ann: SignedIn
}

const customer = suite<Context>('a customer at the pages')

customer.before(async (context) => {
  context.site = await startSite()
  context.ann = await context.site.signIn('Ann Archer')
})
customer.after(async ({ site }) => site.close())
customer.after.each(({ ann }) => assert.equal(ann.errors, []))

const row = (page: Page, subject: string) => page.getByRole('row').filter({ hasText: subject })

customer('without any ticket the form is shown at once, and requires Subject and Description', async ({ ann }) => {
  const { page } = ann
  await ann.open('/tickets')
  const create = button(page, 'Create Ticket')
  assert.ok(await create.isDisabled())
  await page.getByLabel('Subject').fill('No picture')
  assert.ok(await create.isDisabled(), 'without a description')
  await page.getByLabel('Description').fill('  ')
  assert.ok(await create.isDisabled(), 'with a blank one')
  await page.getByLabel('Description').fill('The stream is dark since noon.')
  assert.ok(await create.isEnabled())
  await page.getByLabel('Ticket type').selectOption({ label: 'Video CDN' })
  await create.click()
  await page.getByRole('heading', { level: 1, name: 'No picture' }).waitFor()
  await page.getByText('The stream is dark since noon.').waitFor()
})

customer('the new ticket is in the list with author, status and category', async ({ ann }) => {
  await ann.open('/tickets')
  const text = await row(ann.page, 'No picture').innerText()
  for (const part of ['Ann Archer', 'Open', 'Video CDN', 'T-']) assert.ok(text.includes(part), `${part} in ${text}`)
})

customer('a comment is shown on the page, and the field is empty again', async ({ ann }) => {
  const { page } = ann
  await ann.open('/tickets')
  await row(page, 'No picture').click()
  const send = button(page, 'Send Message')
  await page.getByLabel('Message', { exact: true }).waitFor()
  assert.ok(await send.isDisabled(), 'nothing to send')
  await page.getByLabel('Message', { exact: true }).fill('It is dark in Rome too.')
  await send.click()
  await messageIn(page, 'It is dark in Rome too.').waitFor()
  await until('the field is empty', async () => (await page.getByLabel('Message', { exact: true }).inputValue()) === '')
})

customer('additional information opens by its arrow and closes by its x', async ({ ann }) => {
  const { page } = ann
  await button(page, 'Additional information').click()
  const panel = page.getByRole('complementary', { name: 'Additional information' })
  const text = await panel.innerText()
  for (const part of ['Category', 'Video CDN', 'Author', 'Ann Archer', 'Assignee', 'Created', 'Last update']) {
    assert.ok(text.includes(part), `${part} in ${text}`)
  }
  await panel.getByRole('button').click()
  await panel.waitFor({ state: 'hidden' })
})

customer(
  'closing asks for confirmation; then the ticket is in the archive, without a comment field',
  async ({ ann }) => {
    const { page } = ann
    await button(page, 'Close ticket').click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await dialog.waitFor({ state: 'hidden' })
    await button(page, 'Close ticket').click()
    await dialog.getByRole('button', { name: 'Close ticket' }).click()
    await button(page, 'Reopen ticket').waitFor()
    assert.is(await page.getByRole('textbox').count(), 0, 'no field to write into')
    await page.getByRole('link', { name: 'Archive' }).click()
    await row(page, 'No picture').getByText('Closed').waitFor()
  },
)

customer('reopening opens the comment field and asks for a message', async ({ ann }) => {
  const { page } = ann
  await row(page, 'No picture').click()
  await button(page, 'Reopen ticket').click()
  const send = button(page, 'Send message & reopen ticket')
  assert.ok(await send.isDisabled())
  await page.keyboard.type('It is dark again.')
  assert.is(await page.getByRole('textbox').inputValue(), 'It is dark again.', 'the field had the focus')
  await send.click()
  await button(page, 'Close ticket').waitFor()
  await messageIn(page, 'It is dark again.').waitFor()
  await page
    .getByRole('navigation')
    .getByRole('link', { name: /^Tickets/ })
    .click()
  await row(page, 'No picture').getByText('Open', { exact: true }).waitFor()
})

customer('a context link opens the form with its category; the ticket remembers the page', async ({ ann }) => {
  const { page } = ann
  await ann.open('/new?category=kubernetes&source=console')
  await until(
    'its category is chosen',
    async () => (await page.getByLabel('Ticket type').inputValue()) === 'kubernetes',
  )
  await page.getByLabel('Subject').fill('More nodes')
  await page.getByLabel('Description').fill('Please.')
  await button(page, 'Create Ticket').click()
  await page.getByRole('heading', { level: 1, name: 'More nodes' }).waitFor()
  await button(page, 'Additional information').click()
  await page.getByRole('complementary', { name: 'Additional information' }).getByText('console').waitFor()
})

customer('a context link wins over an older choice, and a later choice over the link', async ({ ann }) => {
  const { page } = ann
  const type = page.getByLabel('Ticket type')
  await ann.open('/new')
  await type.selectOption('billing')
  await ann.open('/new?category=kubernetes&source=console')
  await until('the category of the link is chosen', async () => (await type.inputValue()) === 'kubernetes')
  await type.selectOption('billing')
  await page.reload()
  await until('the later choice stays', async () => (await type.inputValue()) === 'billing')
  await ann.open('/new?category=video-cdn&source=player')
  await until('another link is followed', async () => (await type.inputValue()) === 'video-cdn')
  await ann.open('/new')
  await page.getByLabel('Subject').fill('From the player')
  await page.getByLabel('Description').fill('Please.')
  const sent = page.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith('/v1/tickets'))
  await button(page, 'Create Ticket').click()
  const body: { category?: string; source?: string } = (await sent).postDataJSON()
  assert.equal([body.category, body.source], ['video-cdn', 'player'], 'both are of the same link')
  await page.getByRole('heading', { level: 1, name: 'From the player' }).waitFor()
})

customer('a missing ticket and one of another account show the same page', async (context) => {
  const { page } = context.ann
  const carla = await context.site.api('Carla Costa')
  const { body } = await carla.post('/v1/tickets', {
    subject: 'A secret',
    description: 'Of Globex.',
    category: 'other',
  })
  const texts: string[] = []
  for (const id of [body['id'], 'T-00000000']) {
    await page.goto(`/tickets/${id}`)
    await page.getByRole('heading', { level: 1, name: 'There is nothing here' }).waitFor()
    texts.push(await page.getByRole('main').innerText())
  }
  assert.is(texts[0], texts[1])
  await page.goto('/nowhere/at/all')
  assert.ok(!(await page.content()).includes('A secret'))
})

customer.run()
