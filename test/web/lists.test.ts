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

lists('a list longer than a page shows more on request', async (context) => {
  const { page } = context.ann
  const api = await context.site.api('Ann Archer')
  for (let n = 1; n <= 60; n++) {
    await api.post('/v1/tickets', { subject: `Many ${n}`, description: 'One of many.', category: 'other' })
  }
  await context.ann.open('/tickets')
  await until('a page is there', async () => (await subjects(page)).length === 50)
  await button(page, 'Show more').click()
  await until('all are there', async () => (await subjects(page)).length === 64)
  assert.is(new Set(await subjects(page)).size, 64, 'each once')
})

lists.run()
