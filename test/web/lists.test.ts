import type { Page } from 'playwright-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { button, startSite, until, type Site, type SignedIn } from '../support/pages.ts'

/** How a customer finds a ticket: search box, filter, sorted columns, and further pages. */
interface Context {
  site: Site
  ann: SignedIn
}

const lists = suite<Context>('the lists')

lists.before(async (context) => {
  context.site = await startSite()
  const api = await context.site.api('Ann Archer')
  await api.post('/v1/tickets', { subject: 'No picture', description: 'Dark.', category: 'video-cdn' })
  context.ann = await context.site.signIn('Ann Archer')
})
lists.after(async ({ site }) => site.close())
lists.after.each(({ ann }) => assert.equal(ann.errors, []))

const subjects = (page: Page): Promise<string[]> => page.getByRole('row').getByRole('link').allTextContents()

lists(
  'search finds by words with a typo, by its button and by Enter, and says when nothing is found',
  async (context) => {
    const { page } = context.ann
    const api = await context.site.api('Bob Baker')
    for (const [subject, category] of [
      ['Invoice of May', 'billing'],
      ['Invoice of June', 'billing'],
      ['Pods restart', 'kubernetes'],
    ]) {
      await api.post('/v1/tickets', { subject, description: 'See there.', category })
    }
    await context.ann.open('/tickets')
    await page.getByRole('searchbox').fill('invioce')
    await button(page, 'Search').click()
    await until('two are found', async () => (await subjects(page)).length === 2)
    await page.getByRole('searchbox').fill('Baker')
    await page.keyboard.press('Enter')
    await until('three are found', async () => (await subjects(page)).length === 3)
    await page.getByRole('searchbox').fill('zebra')
    await page.keyboard.press('Enter')
    await page.getByText('Nothing was found.').waitFor()
    await page.goBack()
    await until('the way back leads to the last search', async () => (await subjects(page)).length === 3)
    assert.is(await page.getByRole('searchbox').inputValue(), 'Baker')
  },
)

lists('the filter before the search box shows one category, or several', async ({ ann }) => {
  const { page } = ann
  await ann.open('/tickets')
  await page.getByLabel('Filter by category').click()
  await page.getByLabel('Kubernetes', { exact: true }).check()
  await until('one is left', async () => (await subjects(page)).length === 1)
  assert.equal(await subjects(page), ['Pods restart'])
  await page.getByLabel('Billing', { exact: true }).check()
  await until('three are there', async () => (await subjects(page)).length === 3)
  await page.keyboard.press('Escape')
  assert.not(await page.getByLabel('Billing', { exact: true }).isVisible())
  await page.reload()
  await until('they stay chosen', async () => (await subjects(page)).length === 3)
  await page.getByText('2 categories').click()
  await button(page, 'All categories').click()
  await until('the fourth is back', async () => (await subjects(page)).length === 4)
  await page.getByRole('heading', { level: 1 }).click()
  await page.getByLabel('Billing', { exact: true }).waitFor({ state: 'hidden' })
})

lists('Updated and Created sort, with an arrow and aria-sort', async ({ ann }) => {
  const { page } = ann
  await ann.open('/tickets')
  const header = (name: string) => page.getByRole('columnheader', { name })
  assert.is(await header('Updated').getAttribute('aria-sort'), 'descending')
  assert.ok((await header('Updated').innerText()).includes('↓'))
  assert.is((await subjects(page))[0], 'Pods restart')
  await header('Updated').getByRole('button').click()
  await until('the arrow points up', async () => (await header('Updated').innerText()).includes('↑'))
  assert.is(await header('Updated').getAttribute('aria-sort'), 'ascending')
  await until('the oldest update is on top', async () => (await subjects(page))[0] === 'No picture')
  await header('Created').getByRole('button').click()
  await until('the newest ticket is on top', async () => (await subjects(page))[0] === 'Pods restart')
  assert.is(await header('Created').getAttribute('aria-sort'), 'descending')
  assert.is(await header('Updated').getAttribute('aria-sort'), 'none')
})

for (const width of [320, 768, 1100, 1152, 1280]) {
  lists(`at ${width} px the category shows, both dates sort, and nothing is cut off`, async ({ site }) => {
    const { page, open, context } = await site.signIn('Sue Singh', { viewport: { width, height: 800 } })
    await open('/tickets')
    const row = page.getByRole('row').filter({ hasText: 'Pods restart' })
    await row.waitFor()
    const category = row.getByText('Kubernetes', { exact: true })
    assert.ok(await category.isVisible())
    const lines = await category.evaluate((element) => {
      const range = document.createRange()
      range.selectNodeContents(element)
      return range.getClientRects().length
    })
    assert.is(lines, 1, 'a word is not broken')
    const menu = page.getByLabel('Sort by')
    const isMenu = await menu.isVisible()
    assert.is(isMenu, width <= 768, 'the header row sorts, or else the menu')
    const sortBy = (name: 'Updated' | 'Created', label: string) =>
      isMenu ? menu.selectOption({ label }) : page.getByRole('columnheader', { name }).getByRole('button').click()
    await sortBy('Updated', 'Updated, oldest first')
    await until('the oldest update is on top', async () => (await subjects(page))[0] === 'No picture')
    await sortBy('Created', 'Created, newest first')
    await until('the newest ticket is on top', async () => (await subjects(page))[0] === 'Pods restart')
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    )
    assert.is(overflow, 0, 'the page needs no scrolling to the side')
    await context.close()
  })
}

lists(
  'a customer filters by status; the waiting counter leads to what waits, and is in the title',
  async ({ site }) => {
    const api = await site.api('Ann Archer')
    const { body } = await api.post('/v1/tickets', { subject: 'It waits', description: 'So.', category: 'other' })
    const sue = await site.api('Sue Singh')
    await sue.post(`/v1/tickets/${body['id']}/status`, { status: 'waiting_for_customer' })
    const { page, open, context } = await site.signIn('Ann Archer')
    await open('/tickets')
    await until('the title counts', async () => (await page.title()).startsWith('(1) Tickets'))
    await page.getByRole('link', { name: '1 waiting for customer' }).click()
    await until('only what waits is listed', async () => (await subjects(page)).join() === 'It waits')
    assert.is(await page.getByRole('combobox', { name: 'Status' }).inputValue(), 'waiting_for_customer')
    await page.getByRole('combobox', { name: 'Status' }).selectOption({ label: 'Open' })
    await until('others are listed', async () => (await subjects(page)).includes('Pods restart'))
    assert.not((await subjects(page)).includes('It waits'))
    await api.post(`/v1/tickets/${body['id']}/comments`, { body: 'Here you are.' })
    await until('nothing waits', async () => (await page.title()).startsWith('Tickets'))
    await context.close()
  },
)

lists('a list longer than a page shows more on request', async (context) => {
  const { page } = context.ann
  const api = await context.site.api('Ann Archer')
  for (let n = 1; n <= 60; n++) {
    await api.post('/v1/tickets', { subject: `Many ${n}`, description: 'One of many.', category: 'other' })
  }
  await context.ann.open('/tickets')
  await until('a page is there', async () => (await subjects(page)).length === 50)
  await button(page, 'Show more').click()
  await until('all are there', async () => (await subjects(page)).length === 65)
  assert.is(new Set(await subjects(page)).size, 65, 'each once')
})

lists.run()
