import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { button, startSite, until, type Site } from '../support/pages.ts'

/** Many tabs of one person share one live connection. */
const tabs = suite<{ site: Site }>('many tabs')
tabs.before(async (context) => {
  context.site = await startSite()
})
tabs.after(async ({ site }) => site.close())

tabs('eight tabs work with one live connection, also after the tab that has it was closed', async ({ site }) => {
  const { page: first, context } = await site.signIn('Ann Archer')
  const api = await site.api('Bob Baker')
  let connections = 0
  context.on('request', (request) => {
    if (request.url().endsWith('/v1/live')) connections++
  })
  const pages = [first]
  while (pages.length < 8) {
    const page = await context.newPage()
    await page.goto('/tickets')
    await page.getByRole('heading', { level: 1 }).waitFor()
    pages.push(page)
  }
  const isShown = async (subject: string): Promise<void> => {
    await api.post('/v1/tickets', { subject, description: 'For all tabs.', category: 'other' })
    for (const page of pages) await page.getByRole('row').filter({ hasText: subject }).waitFor()
  }
  await first.goto('/tickets')
  await isShown('To eight')
  assert.ok(connections <= 2, `${connections} connections: the first page's, and at most one after its navigation`)
  // Whichever tab has the connection is among the first seven.
  for (const page of pages.splice(0, 7)) await page.close()
  await isShown('To the last')
  await context.close()
})

tabs('signing out in one tab signs out the others, and what was written there is gone', async ({ site }) => {
  const api = await site.api('Ann Archer')
  const { body } = await api.post('/v1/tickets', { subject: 'In two tabs', description: 'One.', category: 'other' })
  const { page, context } = await site.signIn('Ann Archer')
  const other = await context.newPage()
  await other.goto(`/tickets/${body['id']}`)
  await other.getByLabel('Message', { exact: true }).fill('Private')
  await button(page, 'Sign out').click()
  await button(other, 'Ann Archer').click()
  const message = other.getByLabel('Message', { exact: true })
  await message.waitFor()
  assert.is(await message.inputValue(), '')
  await until('nothing is stored', async () => (await other.evaluate(() => localStorage.length)) === 0)
  await context.close()
})

tabs.run()
