import type { Page } from 'playwright-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { button, messageIn, startSite, type Site, type SignedIn } from '../support/pages.ts'

/** A customer writes while support closes the ticket: the text becomes the message that reopens it. */
const races = suite<{ site: Site; bob: SignedIn }>('writing and closing at once')
races.before(async (context) => {
  context.site = await startSite()
  context.bob = await context.site.signIn('Bob Baker')
})
races.after(async ({ site }) => site.close())

const said = (page: Page, text: string) => messageIn(page, text)

races('Bob writes while Sue closes: his text becomes the reopening message', async ({ site, bob }) => {
  const sue = await site.api('Sue Singh')
  const { body } = await (
    await site.api('Bob Baker')
  ).post('/v1/tickets', {
    subject: 'A race',
    description: 'Who is first?',
    category: 'other',
  })
  await bob.open(`/tickets/${body['id']}`)
  // Bob's page gets no live updates, so that the response to his message is the first sign of it.
  await bob.context.route('**/v1/live', (route) => route.abort())
  await bob.page.reload()
  await bob.page.getByLabel('Message', { exact: true }).fill('One more thing.')
  assert.is((await sue.post(`/v1/tickets/${body['id']}/close`)).status, 200)
  await button(bob.page, 'Send Message').click()
  const reopen = button(bob.page, 'Send message & reopen ticket')
  await reopen.waitFor()
  assert.is(await bob.page.getByRole('textbox').inputValue(), 'One more thing.')
  await reopen.click()
  await said(bob.page, 'One more thing.').waitFor()
  await button(bob.page, 'Close ticket').waitFor()
  await bob.context.unroute('**/v1/live')
})

races('the same where the page is updated before he sends', async ({ site, bob }) => {
  const api = await site.api('Bob Baker')
  const { body } = await api.post('/v1/tickets', { subject: 'Heard of it', description: 'First.', category: 'other' })
  await bob.open(`/tickets/${body['id']}`)
  await bob.page.getByLabel('Message', { exact: true }).fill('Half a sentence')
  await (await site.api('Sue Singh')).post(`/v1/tickets/${body['id']}/close`)
  await button(bob.page, 'Send message & reopen ticket').waitFor()
  assert.is(await bob.page.getByRole('textbox').inputValue(), 'Half a sentence')
  await bob.page.getByText('The ticket was closed meanwhile.').waitFor()
})

races('a close of one\'s own, or before the page was opened, is not called "meanwhile"', async ({ site, bob }) => {
  const { page } = bob
  const api = await site.api('Bob Baker')
  const { body } = await api.post('/v1/tickets', { subject: 'My own close', description: 'First.', category: 'other' })
  await bob.open(`/tickets/${body['id']}`)
  await page.getByLabel('Message', { exact: true }).fill('Left over')
  await button(page, 'Close ticket').click()
  await page.getByRole('dialog').getByRole('button', { name: 'Close ticket' }).click()
  for (const when of ['after the close', 'after a reload']) {
    await button(page, 'Send message & reopen ticket').waitFor()
    assert.is(await page.getByRole('textbox').inputValue(), 'Left over', when)
    assert.is(await page.getByText('closed meanwhile').count(), 0, when)
    await page.reload()
  }
})

races('a double click is one command, without a conflict', async ({ site }) => {
  const api = await site.api('Bob Baker')
  const { body } = await api.post('/v1/tickets', { subject: 'Twice', description: 'First.', category: 'other' })
  const { page, context, open } = await site.signIn('Sue Singh')
  await open(`/tickets/${body['id']}`)
  let commands = 0
  page.on('request', (request) => {
    if (request.method() === 'POST' && /\/(take|status)$/.test(request.url())) commands++
  })
  for (const [name, sent] of [
    ['Take', 1],
    ['Ask', 2],
  ] as const) {
    const answered = page.waitForResponse((response) => /\/(take|status)$/.test(response.url()))
    await page.getByRole('button', { name: new RegExp(`^${name}`) }).dblclick({ force: true })
    await answered
    await page.locator('article.ticket[aria-busy="false"]').waitFor()
    assert.is(commands, sent)
    assert.is(await page.getByRole('alert').count(), 0)
  }
  await context.close()
})

races.run()
