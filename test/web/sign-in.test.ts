import type { Browser } from 'playwright-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startBrowser } from '../support/browser.ts'
import { startWithProvider, type WithProvider } from '../support/oidc.ts'
import { button } from '../support/pages.ts'

/** Sign-in at a real provider in a real browser. */
const test = suite<{ all: WithProvider; browser: Browser }>('signing in at a provider with a browser')
test.before(async (context) => {
  context.all = await startWithProvider()
  context.browser = await startBrowser()
})
test.after(async ({ all, browser }) => {
  await browser.close()
  await all.close()
})

test('leads back to the page that was opened, and signs out at both', async ({ all, browser }) => {
  const context = await browser.newContext()
  context.setDefaultTimeout(60_000)
  const page = await context.newPage()
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(String(error)))
  // As a link in a mail opens it.
  await page.goto(`${all.desk}/archive?q=dark`)
  await page.getByRole('link', { name: 'Sign in', exact: true }).click()
  await page.getByPlaceholder('Enter any login').fill('ann')
  await page.getByPlaceholder('and password').fill('any')
  await page.getByRole('button', { name: 'Sign-in' }).click()
  await button(page, 'Sign out').waitFor()
  assert.is(page.url(), `${all.desk}/archive?q=dark`)
  assert.is(await page.getByText('Ann Archer').count(), 1)
  const session = (await context.cookies(all.desk)).find(({ name }) => name === 'ledgerdesk')
  assert.equal([session?.httpOnly, session?.sameSite, session?.secure], [true, 'Lax', false])

  // Another tab, and a page of another site that links here, are signed in too.
  const tab = await context.newPage()
  await tab.goto(`${all.desk}/preferences`)
  await button(tab, 'Sign out in all other browsers').click()
  await tab.getByText('You are signed out everywhere else.').waitFor()
  await tab.close()

  await button(page, 'Sign out').click()
  await page.getByRole('button', { name: 'Yes, sign me out' }).click()
  await page.getByRole('link', { name: 'Sign in', exact: true }).waitFor()
  assert.is(new URL(page.url()).origin, all.desk)
  await page.getByRole('link', { name: 'Sign in', exact: true }).click()
  await page.getByPlaceholder('Enter any login').waitFor()
  assert.equal(errors, [])
  await context.close()
})

test('shows whom to ask where no rule gives a role', async ({ all, browser }) => {
  const context = await browser.newContext()
  context.setDefaultTimeout(60_000)
  const page = await context.newPage()
  await page.goto(all.desk)
  await page.getByRole('link', { name: 'Sign in', exact: true }).click()
  await page.getByPlaceholder('Enter any login').fill('mallory')
  await page.getByPlaceholder('and password').fill('any')
  await page.getByRole('button', { name: 'Sign-in' }).click()
  await page.getByRole('heading', { name: 'You cannot sign in here' }).waitFor()
  await page.getByText('the service desk, phone 4711').waitFor()
  await context.close()
})

test.run()
