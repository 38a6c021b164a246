import type { Page } from 'playwright-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { button, startSite, until, type Site } from '../support/pages.ts'

/** Sessions in the browser, and pages whose server or session ends. */
const sessions = suite<{ site: Site }>('sessions at the pages')

sessions.before(async (context) => {
  context.site = await startSite()
})
sessions.after(async ({ site }) => site.close())

const lost = (page: Page) => page.getByText('Connection lost')

sessions('no script can read the session, and no other site can use it', async ({ site }) => {
  const { context, page } = await site.signIn('Ann Archer')
  const [cookie] = await context.cookies()
  assert.ok(cookie?.httpOnly)
  assert.is(cookie?.sameSite, 'Lax')
  assert.is(await page.evaluate('document.cookie'), '')
  const answer = await page.request.post('/v1/notifications/seen', {
    data: {},
    headers: { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
  })
  assert.is(answer.status(), 403)
  await context.close()
})

sessions('a live connection that a proxy refuses is opened again', async ({ site }) => {
  const { context, page, open } = await site.signIn('Ann Archer')
  let refusals = 0
  await page.route('**/v1/live', (route) => {
    refusals++
    return refusals === 1 ? route.fulfill({ status: 502, body: 'Bad gateway' }) : route.continue()
  })
  await open('/archive')
  await lost(page).waitFor()
  await lost(page).waitFor({ state: 'detached' })
  assert.is(refusals, 2)
  await context.close()
})

sessions('a session that ends while the page is open is noticed without a click', async ({ site }) => {
  const { context, page, open } = await site.signIn('Ann Archer')
  await open('/preferences')
  await context.clearCookies()
  await page.route('**/v1/live', (route) => route.continue())
  await site.kill()
  await lost(page).waitFor()
  await site.restart()
  await button(page, 'Ann Archer').waitFor()
  await button(page, 'Ann Archer').click()
  await page.getByRole('heading', { level: 1, name: 'Preferences' }).waitFor()
  await context.close()
})

sessions('the next person to sign in sees nothing of the one before', async ({ site }) => {
  const { context, page, open } = await site.signIn('Ann Archer')
  const ann = await site.api('Ann Archer')
  const sue = await site.api('Sue Singh')
  const { body } = await ann.post('/v1/tickets', { subject: 'For Ann alone', description: 'x', category: 'other' })
  await open('/preferences')
  await sue.post(`/v1/tickets/${body['id']}/comments`, { body: 'News', thenStatus: 'waiting_for_customer' })
  await page.getByRole('main').getByText('For Ann alone').waitFor()
  await page.getByRole('navigation').getByText('1 unread').waitFor()
  await button(page, 'Sign out').click()
  await button(page, 'Carla Costa').click()
  await button(page, 'Sign out').waitFor()
  assert.not((await page.content()).includes('For Ann alone'))
  assert.is(
    await page
      .getByRole('navigation')
      .getByText(/unread|waiting/)
      .count(),
    0,
  )
  await context.close()
})

sessions('signing out while the server is unreachable shows that it failed', async ({ site }) => {
  const { context, page } = await site.signIn('Bob Baker')
  await page.route('**/auth/logout', (route) => route.abort())
  await button(page, 'Sign out').click()
  await page.getByRole('alert').getByText('The server cannot be reached.').waitFor()
  await page.unroute('**/auth/logout')
  await button(page, 'Sign out').click()
  await button(page, 'Bob Baker').waitFor()
  assert.equal(await context.cookies(), [])
  await context.close()
})

sessions('a page that cannot load the session offers to try again, not to sign in', async ({ site }) => {
  const { context, page } = await site.signIn('Bob Baker')
  await page.route('**/v1/me', (route) => route.abort())
  await page.goto('/tickets')
  await button(page, 'Try again').waitFor()
  assert.is(await button(page, 'Bob Baker').count(), 0)
  await page.unroute('**/v1/me')
  await button(page, 'Try again').click()
  await until('the page is there', async () => (await page.getByRole('heading', { level: 1 }).count()) === 1)
  await context.close()
})

sessions.run()
