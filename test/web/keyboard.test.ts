import type { Page } from 'playwright-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { button, startSite, type Site } from '../support/pages.ts'

/** Everything works by keyboard alone, with a visible focus in the order of the page. */
const keyboard = suite<{ site: Site }>('the keyboard')
keyboard.before(async (context) => {
  context.site = await startSite()
})
keyboard.after(async ({ site }) => site.close())

/** Presses Tab until the element of this name has the focus, which must be visible. */
const tabTo = async (page: Page, name: string): Promise<void> => {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press('Tab')
    const [focused, isSeen] = await page.evaluate(() => {
      const element = document.activeElement
      if (!(element instanceof HTMLElement)) return ['', false] as const
      const label =
        element instanceof HTMLInputElement ||
        element instanceof HTMLTextAreaElement ||
        element instanceof HTMLSelectElement
          ? element.labels?.[0]?.innerText
          : undefined
      const { outlineStyle, outlineWidth } = getComputedStyle(element)
      const title = element.getAttribute('aria-label') ?? label ?? element.innerText
      return [title.trim(), outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2] as const
    })
    if (focused.startsWith(name)) {
      assert.ok(isSeen, `the focus on ${name} shows`)
      return
    }
  }
  throw new Error(`Tab never reached ${name}`)
}

keyboard('a ticket is opened, answered and closed by keyboard alone', async ({ site }) => {
  // With an empty account the form of the first ticket would take the place of the list while Tab is pressed.
  const ann = await site.api('Ann Archer')
  await ann.post('/v1/tickets', { subject: 'Before', description: 'Of the same account', category: 'other' })
  const page = await site.browser.newPage({ baseURL: site.server.url })
  const type = async (name: string, text: string): Promise<void> => {
    await tabTo(page, name)
    await page.keyboard.type(text)
  }
  const press = async (name: string): Promise<void> => {
    await tabTo(page, name)
    await page.keyboard.press('Enter')
  }
  await page.goto('/')
  await button(page, 'Bob Baker').waitFor()
  await press('Bob Baker')
  await button(page, 'Sign out').waitFor()
  await page.getByRole('link', { name: 'New ticket' }).waitFor()
  await press('New ticket')
  await page.getByLabel('Subject').waitFor()
  await type('Subject', 'By keyboard')
  await type('Description', 'Without a mouse.')
  await press('Create Ticket')
  await page.getByRole('heading', { level: 1, name: 'By keyboard' }).waitFor()
  await type('Message', 'And an answer.')
  await press('Send Message')
  await page.getByText('And an answer.', { exact: true }).and(page.locator(':not(textarea)')).waitFor()
  await press('Close ticket')
  const dialog = page.getByRole('dialog')
  await dialog.waitFor()
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  assert.is(await page.evaluate('document.activeElement.innerText'), 'Close ticket', 'the focus comes back')
  await page.keyboard.press('Enter')
  await dialog.waitFor()
  await page.keyboard.press('Enter')
  await button(page, 'Reopen ticket').waitFor()
  await page.close()
})

keyboard('a new page is announced by its title, and the focus moves to its content', async ({ site }) => {
  const { page, open, context } = await site.signIn('Ann Archer')
  await open('/tickets')
  assert.is(await page.title(), 'Tickets · Helpdesk')
  await page.getByRole('link', { name: 'Archive' }).click()
  await page.getByRole('heading', { level: 1, name: 'Archive' }).waitFor()
  assert.is(await page.title(), 'Archive · Helpdesk')
  assert.is(await page.evaluate("document.activeElement.matches('main, h1')"), true)
  await context.close()
})

keyboard.run()
