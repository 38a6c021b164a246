import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { button, messageIn, startSite, until, type Site, type SignedIn } from '../support/pages.ts'

/** Closing a ticket while a message is typed. */
interface Context {
  site: Site
  ann: SignedIn
  id: string
}
const closing = suite<Context>('closing with a typed message')
closing.before(async (context) => {
  context.site = await startSite()
  context.ann = await context.site.signIn('Ann Archer')
})
closing.after(async ({ site }) => site.close())
closing.before.each(async (context) => {
  const api = await context.site.api('Ann Archer')
  const { body } = await api.post('/v1/tickets', { subject: 'To close', description: 'Of Ann.', category: 'other' })
  context.id = String(body['id'])
})

const begin = async ({ page, open }: SignedIn, id: string, text: string) => {
  await open(`/tickets/${id}`)
  await page.getByLabel('Message', { exact: true }).fill(text)
  await button(page, 'Close ticket').click()
  return page.getByRole('dialog').getByRole('button')
}

closing('Send and close sends the message and closes, as two commands with a key each', async ({ ann, id }) => {
  const { page } = ann
  const choices = await begin(ann, id, 'Thank you, it works.')
  assert.equal(await choices.allTextContents(), ['Cancel', 'Close ticket', 'Send and close'])
  const keys: string[] = []
  page.on('request', (request) => {
    if (/\/(comments|close)$/.test(request.url())) keys.push(request.headers()['idempotency-key'] ?? '')
  })
  await choices.filter({ hasText: 'Send and close' }).click()
  await button(page, 'Reopen ticket').waitFor()
  await messageIn(page, 'Thank you, it works.').waitFor()
  assert.is(new Set(keys).size, 2)
  assert.not(keys.includes(''))
  assert.is(await page.getByText('closed meanwhile').count(), 0)
  await button(page, 'Reopen ticket').click()
  assert.is(await page.getByRole('textbox').inputValue(), '', 'what was sent is no draft')
})

closing('if only the close is refused, the page says: sent, not closed', async ({ ann, id }) => {
  const { page } = ann
  const choices = await begin(ann, id, 'Half of it')
  await page.route('**/close', (route) => route.abort())
  await choices.filter({ hasText: 'Send and close' }).click()
  await page.getByRole('alert').getByText('Your message was sent, but the ticket was not closed.').waitFor()
  await messageIn(page, 'Half of it').waitFor()
  assert.is(await page.getByLabel('Message', { exact: true }).inputValue(), '')
  await page.unroute('**/close')
})

closing('if the message is refused, nothing is closed and the text stays', async ({ ann, id }) => {
  const { page } = ann
  const choices = await begin(ann, id, 'None of it')
  await page.route('**/comments', (route) => route.abort())
  await choices.filter({ hasText: 'Send and close' }).click()
  await page.getByRole('alert').getByText('The server cannot be reached.').waitFor()
  await until('the page has loaded', () => button(page, 'Close ticket').isEnabled())
  assert.is(await page.getByLabel('Message', { exact: true }).inputValue(), 'None of it')
  await page.unroute('**/comments')
})

closing('Cancel changes nothing; Close ticket keeps the draft for reopening', async ({ ann, id }) => {
  const { page } = ann
  const choices = await begin(ann, id, 'Later')
  await choices.filter({ hasText: 'Cancel' }).click()
  assert.is(await page.getByLabel('Message', { exact: true }).inputValue(), 'Later')
  await button(page, 'Close ticket').click()
  await page.getByRole('dialog').getByText('Your message stays here').waitFor()
  await choices.filter({ hasText: 'Close ticket' }).click()
  await button(page, 'Send message & reopen ticket').click()
  await messageIn(page, 'Later').waitFor()
  await button(page, 'Close ticket').waitFor()
})

closing('for support it is one command', async ({ site, id }) => {
  const sue = await site.signIn('Sue Singh')
  const choices = await begin(sue, id, 'It is mended.')
  let closes = 0
  sue.page.on('request', (request) => {
    if (request.url().endsWith('/close')) closes++
  })
  await choices.filter({ hasText: 'Send and close' }).click()
  await button(sue.page, 'Reopen ticket').waitFor()
  await messageIn(sue.page, 'It is mended.').waitFor()
  assert.is(closes, 0)
  await sue.context.close()
})

closing.run()
