import type { Page } from 'playwright-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { fixture } from '../support/fixtures.ts'
import { button, messageIn, startSite, until, type Site, type SignedIn } from '../support/pages.ts'

/** A draft is kept until it is sent: through a reload, an ended session, a refusal and a killed server. */
interface Context {
  site: Site
  ann: SignedIn
  ticket: string
}

const drafts = suite<Context>('drafts')

drafts.before(async (context) => {
  context.site = await startSite()
  context.ann = await context.site.signIn('Ann Archer')
})
drafts.after(async ({ site }) => site.close())
drafts.before.each(async (context) => {
  const api = await context.site.api('Ann Archer')
  const { body } = await api.post('/v1/tickets', { subject: 'A ticket', description: 'Of Ann.', category: 'other' })
  context.ticket = `/tickets/${body['id']}`
})

const message = (page: Page) => page.getByLabel('Message', { exact: true })

const attach = async (page: Page): Promise<void> => {
  const { name, bytes } = fixture('png')
  await page.locator('input[type=file]').setInputFiles({ name, mimeType: 'image/png', buffer: Buffer.from(bytes) })
  await button(page, `Remove ${name}`).waitFor()
}

const isKept = async (page: Page, text: string): Promise<void> => {
  await until('the text is there', async () => (await message(page).inputValue()) === text)
  await button(page, 'Remove picture.png').waitFor()
}

const isSentWhole = async (page: Page, text: string): Promise<void> => {
  const sent = messageIn(page, text)
  await sent.getByText('picture.png').waitFor()
  await until('the field is empty', async () => (await message(page).inputValue()) === '')
}

drafts('text and uploads survive a reload, and go together', async ({ ann, ticket }) => {
  await ann.open(ticket)
  await message(ann.page).fill('Half a thought')
  await attach(ann.page)
  await ann.page.reload()
  await isKept(ann.page, 'Half a thought')
  await button(ann.page, 'Send Message').click()
  await isSentWhole(ann.page, 'Half a thought')
  await ann.page.reload()
  await message(ann.page).waitFor()
  assert.is(await message(ann.page).inputValue(), '', 'what was sent is no draft')
})

drafts('the form for a new ticket survives a reload', async ({ ann }) => {
  await ann.open('/new')
  await ann.page.getByLabel('Subject').fill('A long story')
  await ann.page.getByLabel('Description').fill('Once upon a time')
  await ann.page.getByLabel('Ticket type').selectOption('billing')
  await ann.page.reload()
  await until('it is as it was', async () => (await ann.page.getByLabel('Subject').inputValue()) === 'A long story')
  assert.is(await ann.page.getByLabel('Description').inputValue(), 'Once upon a time')
  await until('so is its type', async () => (await ann.page.getByLabel('Ticket type').inputValue()) === 'billing')
})

drafts('an upload goes on while another page is open, and is sent with its message', async ({ ann, ticket }) => {
  let release = (): void => undefined
  const held = new Promise<void>((resolve) => (release = resolve))
  await ann.open(ticket)
  await message(ann.page).fill('With what is under way')
  await ann.page.route('**/v1/files', async (route) => {
    await held
    await route.continue()
  })
  const { name, bytes } = fixture('png')
  await ann.page.locator('input[type=file]').setInputFiles({ name, mimeType: 'image/png', buffer: Buffer.from(bytes) })
  await button(ann.page, `Cancel ${name}`).waitFor()
  const asksFirst = await ann.page.evaluate(() => !dispatchEvent(new Event('beforeunload', { cancelable: true })))
  assert.ok(asksFirst, 'a reload would end the upload')
  await ann.page
    .getByRole('navigation')
    .getByRole('link', { name: /^Tickets/ })
    .click()
  await message(ann.page).waitFor({ state: 'detached' })
  await ann.page.goBack()
  await button(ann.page, `Cancel ${name}`).waitFor()
  assert.ok(await button(ann.page, 'Send Message').isDisabled(), 'the message waits for its file')
  release()
  await isKept(ann.page, 'With what is under way')
  await ann.page.unroute('**/v1/files')
  await button(ann.page, 'Send Message').click()
  await isSentWhole(ann.page, 'With what is under way')
})

drafts('a text over the limit stays whole and is not sendable until it is shorter', async ({ ann, ticket }) => {
  await ann.open(ticket)
  const whole = '\u{1F600}'.repeat(20_001)
  await message(ann.page).fill(whole)
  await ann.page.getByText('Too long to send: 1 character over the limit of 20000.').waitFor()
  assert.is(await message(ann.page).inputValue(), whole)
  assert.ok(await button(ann.page, 'Send Message').isDisabled())
  await message(ann.page).fill(`  ${'\u{1F600}'.repeat(20_000)}  `)
  await until('it is sendable', () => button(ann.page, 'Send Message').isEnabled())
  await message(ann.page).fill('')
})

drafts('with full storage a message is written and sent all the same', async ({ ann, ticket }) => {
  await ann.open(ticket)
  await ann.page.evaluate(() => {
    Storage.prototype.setItem = () => {
      throw new DOMException('full', 'QuotaExceededError')
    }
  })
  await message(ann.page).fill('Kept in memory')
  await button(ann.page, 'Send Message').click()
  await messageIn(ann.page, 'Kept in memory').waitFor()
  await until('the field is empty', async () => (await message(ann.page).inputValue()) === '')
})

drafts('a lost session: after signing in again the draft is complete', async ({ ann, ticket }) => {
  await ann.open(ticket)
  await message(ann.page).fill('Before the break')
  await attach(ann.page)
  await ann.context.clearCookies()
  await button(ann.page, 'Send Message').click()
  await ann.page.getByText('Your session has ended.').waitFor()
  await button(ann.page, 'Ann Archer').click()
  await isKept(ann.page, 'Before the break')
  await button(ann.page, 'Send Message').click()
  await isSentWhole(ann.page, 'Before the break')
})

drafts('signing out removes the drafts and ends running uploads', async ({ site, ticket }) => {
  const { page, context, open } = await site.signIn('Ann Archer')
  await open(ticket)
  await message(page).fill('Not for the next')
  await page.route('**/v1/files', () => undefined)
  const { name, bytes } = fixture('png')
  const ended = page.waitForEvent('requestfailed', (request) => request.url().endsWith('/v1/files'))
  await page.locator('input[type=file]').setInputFiles({ name, mimeType: 'image/png', buffer: Buffer.from(bytes) })
  await button(page, `Cancel ${name}`).waitFor()
  await button(page, 'Sign out').click()
  await ended
  await button(page, 'Ann Archer').waitFor()
  assert.is(await page.getByText('Your session has ended.').count(), 0)
  assert.is(await page.evaluate(() => localStorage.length), 0)
  await button(page, 'Ann Archer').click()
  await message(page).waitFor()
  assert.is(await message(page).inputValue(), '')
  assert.is(await button(page, `Cancel ${name}`).count(), 0)
  await context.close()
})

drafts('a session that is lost to one person shows nothing of theirs to the next', async ({ site, ticket }) => {
  const person = await site.signIn('Ann Archer')
  await person.open(ticket)
  await message(person.page).fill('For my eyes only')
  await button(person.page, 'Sign out').click()
  await button(person.page, 'Bob Baker').click()
  // Leaving the page at once would cancel the sign-in request.
  await button(person.page, 'Sign out').waitFor()
  await person.page.goto(ticket)
  await message(person.page).waitFor()
  assert.is(await message(person.page).inputValue(), '')
  await person.context.close()
})

drafts('a refusal keeps text and uploads; sent again, they are one message', async ({ ann, ticket }) => {
  await ann.open(ticket)
  await message(ann.page).fill('Not at the first try')
  await attach(ann.page)
  await ann.page.route('**/comments', (route) =>
    route.fulfill({
      status: 412,
      contentType: 'application/problem+json',
      body: JSON.stringify({ type: '/problems/version-conflict', title: '', status: 412, detail: 'It moved on.' }),
    }),
  )
  await button(ann.page, 'Send Message').click()
  await ann.page.getByRole('alert').first().waitFor()
  await isKept(ann.page, 'Not at the first try')
  await ann.page.unroute('**/comments')
  await button(ann.page, 'Send Message').click()
  await isSentWhole(ann.page, 'Not at the first try')
})

drafts('a lost response: sent again, the message is there once', async ({ ann, ticket }) => {
  await ann.open(ticket)
  await message(ann.page).fill('Said once')
  await ann.page.route('**/comments', async (route) => {
    await route.fetch()
    await route.abort()
  })
  await button(ann.page, 'Send Message').click()
  await ann.page.getByRole('alert').first().waitFor()
  await ann.page.unroute('**/comments')
  await until('the text is still there', async () => (await message(ann.page).inputValue()) === 'Said once')
  await button(ann.page, 'Send Message').click()
  await until('the field is empty', async () => (await message(ann.page).inputValue()) === '')
  assert.is(await ann.page.getByText('Said once', { exact: true }).count(), 1)
})

drafts('an unknown upload is named and leaves the draft; the text stays', async ({ site, ann, ticket }) => {
  await ann.open(ticket)
  await message(ann.page).fill('With a picture')
  const uploaded = ann.page.waitForResponse('**/v1/files')
  await attach(ann.page)
  const { files } = await (await uploaded).json()
  const api = await site.api('Ann Archer')
  const { body } = await api.post('/v1/tickets', { subject: 'Faster', description: 'x', category: 'other' })
  assert.is((await api.post(`/v1/tickets/${body['id']}/comments`, { attachments: [files[0].id] })).status, 201)
  await button(ann.page, 'Send Message').click()
  await ann.page.getByRole('alert').getByText('Attach picture.png again').waitFor()
  assert.is(await button(ann.page, 'Remove picture.png').count(), 0)
  await button(ann.page, 'Send Message').click()
  await messageIn(ann.page, 'With a picture').waitFor()
})

drafts('the form of the first ticket stays while a colleague opens one', async ({ site }) => {
  const carla = await site.signIn('Carla Costa')
  await carla.open('/tickets')
  await carla.page.getByLabel('Subject').fill('Slow and steady')
  const api = await site.api('Carla Costa')
  const heard = carla.page.waitForResponse('**/v1/tickets?*')
  await api.post('/v1/tickets', { subject: 'From elsewhere', description: 'x', category: 'other' })
  await heard
  await carla.page.getByLabel('Description').fill('Still here.')
  await button(carla.page, 'Create Ticket').click()
  await carla.page.getByRole('heading', { level: 1, name: 'Slow and steady' }).waitFor()
  await carla.context.close()
})

drafts(
  'the server is killed while a person writes: the page shows it, and the message is sent after the restart',
  async ({ site, ann, ticket }) => {
    await ann.open(ticket)
    await message(ann.page).fill('Through the night')
    await site.kill()
    await button(ann.page, 'Send Message').click()
    await ann.page.getByText('The server cannot be reached.').first().waitFor()
    assert.is(await message(ann.page).inputValue(), 'Through the night')
    await site.restart()
    await button(ann.page, 'Send Message').click()
    await ann.page.getByText('Through the night', { exact: true }).waitFor()
  },
)

drafts.run()
