import type { Page } from 'playwright-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { button, messageIn, startSite, until, type Site, type SignedIn } from '../support/pages.ts'

/** Two users of one account and a support agent in three browsers at the same time, without a reload. */
interface Context {
  site: Site
  ann: SignedIn
  bob: SignedIn
  sue: SignedIn
}

const three = suite<Context>('three people at once')

three.before(async (context) => {
  const site = await startSite()
  const [ann, bob, sue] = await Promise.all(['Ann Archer', 'Bob Baker', 'Sue Singh'].map((name) => site.signIn(name)))
  if (ann === undefined || bob === undefined || sue === undefined) throw new Error('somebody did not come')
  Object.assign(context, { site, ann, bob, sue })
})
three.after(async ({ site }) => site.close())
three.after.each(({ ann, bob, sue }) => assert.equal([...ann.errors, ...bob.errors, ...sue.errors], []))

const row = (page: Page, subject: string) => page.getByRole('row').filter({ hasText: subject })
const said = (page: Page, text: string) => messageIn(page, text)
const waiting = (page: Page) => page.getByRole('navigation').getByText(/^\d+ waiting/)

const say = async (page: Page, text: string): Promise<void> => {
  await page.getByLabel('Message', { exact: true }).fill(text)
  await button(page, 'Send Message').click()
  await said(page, text).waitFor()
}

three('a ticket that Ann opens appears in the lists of Bob and Sue', async ({ site, ann, bob, sue }) => {
  const carla = await site.api('Carla Costa')
  await carla.post('/v1/tickets', { subject: 'Of another account', description: 'Globex.', category: 'other' })
  const first = await site.api('Bob Baker')
  await first.post('/v1/tickets', { subject: 'An older one', description: 'Of Bob.', category: 'other' })
  await Promise.all([bob.open('/tickets'), sue.open('/tickets'), ann.open('/new')])
  await ann.page.getByLabel('Subject').fill('Dark stream')
  await ann.page.getByLabel('Description').fill('Nothing to see.')
  await button(ann.page, 'Create Ticket').click()
  await row(bob.page, 'Dark stream').waitFor()
  await row(sue.page, 'Dark stream').getByText('acme').waitFor()
  assert.is(await row(bob.page, 'Of another account').count(), 0)
  assert.is(await row(sue.page, 'Of another account').count(), 1)
})

three('Sue takes it: the status changes on the page of Ann', async ({ ann, sue }) => {
  await row(sue.page, 'Dark stream').click()
  await button(sue.page, 'Take').click()
  await sue.page.getByRole('main').getByText('In progress', { exact: true }).first().waitFor()
  await ann.page.getByRole('main').getByText('In progress', { exact: true }).first().waitFor()
})

three(
  'Sue comments and asks: the row is bold for Bob, the counter rises for both customers',
  async ({ ann, bob, sue }) => {
    await sue.page.getByLabel('Message', { exact: true }).fill('Which region is it?')
    await sue.page.getByLabel('Then').selectOption({ label: 'Waiting for customer' })
    await button(sue.page, 'Send Message').click()
    await said(ann.page, 'Which region is it?').waitFor()
    await waiting(ann.page).getByText('1').first().waitFor()
    await waiting(bob.page).getByText('1').first().waitFor()
    const link = row(bob.page, 'Dark stream').getByRole('link')
    await until(
      'the row is bold',
      async () => Number(await link.evaluate((element) => globalThis.getComputedStyle(element).fontWeight)) >= 600,
    )
    const older = row(bob.page, 'An older one').getByRole('link')
    assert.ok(Number(await older.evaluate((element) => globalThis.getComputedStyle(element).fontWeight)) < 600)
  },
)

three('Bob reads: no longer bold for him; he answers, and nothing waits', async ({ ann, bob, sue }) => {
  await row(bob.page, 'Dark stream').click()
  await say(bob.page, 'All of Italy.')
  await said(sue.page, 'All of Italy.').waitFor()
  await said(ann.page, 'All of Italy.').waitFor()
  await waiting(ann.page).waitFor({ state: 'detached' })
  await bob.page
    .getByRole('navigation')
    .getByRole('link', { name: /^Tickets/ })
    .click()
  const link = row(bob.page, 'Dark stream').getByRole('link')
  await link.waitFor()
  assert.ok(Number(await link.evaluate((element) => globalThis.getComputedStyle(element).fontWeight)) < 600)
})

three('Sue asks by the button: it waits for the customer, whose counter rises', async ({ ann, sue }) => {
  await button(sue.page, 'Ask the customer').click()
  await waiting(ann.page).getByText('1').first().waitFor()
  await say(ann.page, 'What else do you need?')
  await waiting(ann.page).waitFor({ state: 'detached' })
  await said(sue.page, 'What else do you need?').waitFor()
})

three('Sue assigns it to Tom and closes it; Ann gets a notification', async ({ ann, sue }) => {
  await button(sue.page, 'Assign').click()
  const dialog = sue.page.getByRole('dialog')
  await dialog.getByLabel('Assign to').selectOption({ label: 'Tom Tran' })
  await dialog.getByRole('button', { name: 'Assign', exact: true }).click()
  await dialog.waitFor({ state: 'hidden' })
  await ann.page
    .getByRole('navigation')
    .getByRole('link', { name: /^Notifications/ })
    .click()
  await button(sue.page, 'Close ticket').click()
  await sue.page.getByRole('dialog').getByRole('button', { name: 'Close ticket' }).click()
  await button(sue.page, 'Reopen ticket').waitFor()
  await ann.page.getByRole('listitem').filter({ hasText: 'closed the ticket' }).waitFor()
  await ann.page
    .getByRole('navigation')
    .getByText(/^\d+ unread/)
    .waitFor()
  await button(ann.page, 'Mark all as seen').click()
  await ann.page
    .getByRole('navigation')
    .getByText(/^\d+ unread/)
    .waitFor({ state: 'detached' })
})

three('Sue opens a ticket for Ann: it waits for her at once', async ({ ann, sue }) => {
  await sue.open('/new')
  const customer = sue.page.getByLabel('Customer', { exact: true })
  await customer.fill('arch')
  const line = 'Ann Archer · acme · ann@acme.example'
  await sue.page.locator(`datalist option[value="${line}"]`).waitFor({ state: 'attached' })
  await until('the others left the list', async () => (await sue.page.locator('datalist option').count()) === 1)
  await customer.fill(line)
  await sue.page.getByLabel('Subject').fill('As you asked by phone')
  await sue.page.getByLabel('Description').fill('We have set it up.')
  await customer.fill(`${line}x`)
  assert.ok(await button(sue.page, 'Create Ticket').isDisabled(), 'nobody is chosen any more')
  await customer.fill(line)
  await button(sue.page, 'Create Ticket').click()
  await sue.page.getByRole('heading', { level: 1, name: 'As you asked by phone' }).waitFor()
  await ann.page
    .getByRole('navigation')
    .getByRole('link', { name: /^Tickets/ })
    .click()
  await row(ann.page, 'As you asked by phone').getByText('Waiting for customer').waitFor()
})

three('Sue lists the longest waiting tickets, and those of one account', async ({ site, sue }) => {
  const carla = await site.api('Carla Costa')
  for (const subject of ['Waits long', 'Waits a while']) {
    await carla.post('/v1/tickets', { subject, description: 'Globex.', category: 'other' })
  }
  const subjects = (): Promise<string[]> => sue.page.getByRole('row').getByRole('link').allTextContents()
  await sue.open('/tickets')
  await button(sue.page, 'Unanswered first').click()
  await until('who came last stands last', async () => (await subjects()).at(-1) === 'Waits a while')
  assert.is(await sue.page.getByRole('row').getByText('In progress').count(), 0)
  await sue.page.getByRole('textbox', { name: 'Account' }).fill('globex')
  await sue.page.keyboard.press('Enter')
  await until('one account is left', async () => !(await subjects()).includes('An older one'))
  assert.ok((await subjects()).includes('Waits long'))
})

three(
  'the server is killed and restarts: the page shows it, and missed messages arrive',
  async ({ site, ann, bob, sue }) => {
    await bob.page
      .getByRole('navigation')
      .getByRole('link', { name: /^Tickets/ })
      .click()
    await site.kill()
    for (const person of [ann, bob, sue]) await person.page.getByText('Connection lost').waitFor()
    await site.restart()
    const commented = await (
      await site.api('Ann Archer')
    ).post('/v1/tickets', {
      subject: 'After the night',
      description: 'Still there?',
      category: 'other',
    })
    assert.is(commented.status, 201)
    await row(bob.page, 'After the night').waitFor()
    for (const person of [ann, bob, sue]) await person.page.getByText('Connection lost').waitFor({ state: 'detached' })
  },
)

three.run()
