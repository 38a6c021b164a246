import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { unsubscribeTokens } from '../../adapters/mail/unsubscribe.ts'
import { keysIn } from '../support/demo.ts'
import { fixture } from '../support/fixtures.ts'
import { personId } from '../support/ids.ts'
import { button, startSite, type Site, type SignedIn } from '../support/pages.ts'

/** Accessibility: axe finds nothing on any page or dialog, light or dark, wide or at 320 px. */
interface Context {
  site: Site
  ticket: string
  closed: string
  /** The unsubscribe link of a mail to Ann. */
  token: string
}

const barriers = suite<Context>('barriers')

const axe = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8')
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
/** The rules that depend on the colour scheme. */
const colourRules = ['color-contrast', 'link-in-text-block', 'target-size']

barriers.before(async (context) => {
  context.site = await startSite()
  const ann = await context.site.api('Ann Archer')
  const sue = await context.site.api('Sue Singh')
  await sue.get('/v1/me')
  const uploaded = await ann.upload(fixture('png'), fixture('csv'))
  const [picture, table] = (uploaded.body['files'] as { id: string }[]).map(({ id }) => id)
  const open = async (subject: string): Promise<string> => {
    const { body } = await ann.post('/v1/tickets', {
      subject,
      description: 'A long\ndescription.',
      category: 'billing',
    })
    return String(body['id'])
  }
  context.ticket = await open('A ticket with much to show and a name that is much longer than a narrow window is wide')
  await ann.post(`/v1/tickets/${context.ticket}/comments`, { body: 'With files.', attachments: [picture, table] })
  await sue.post(`/v1/tickets/${context.ticket}/comments`, { body: 'Which one?', thenStatus: 'waiting_for_customer' })
  const { issue } = unsubscribeTokens(keysIn(context.site.folder))
  context.token = issue({ person: personId('ann'), kinds: ['waiting_for_customer', 'support_commented'] })
  context.closed = await open('Done')
  await ann.post(`/v1/tickets/${context.closed}/close`)
})
barriers.after(async ({ site }) => site.close())

/** Loads the page again while the server says that it is getting ready. */
const gettingReady = async (page: Page): Promise<void> => {
  const json = { status: 'catching-up', reason: 'so it is', progress: 0.4 }
  await page.route('**/readyz', (route) => route.fulfill({ status: 503, json }))
  await page.reload()
  await page.getByRole('progressbar').waitFor()
  await page.getByRole('heading', { level: 1 }).waitFor()
}

/** axe's violations on the present page, one line each. */
const violations = async (page: Page, only: readonly string[] = rules): Promise<readonly string[]> => {
  // Through the debugger, which the Content-Security-Policy does not restrict.
  await page.evaluate(axe)
  return page.evaluate(`axe.run({ runOnly: ${JSON.stringify(only)} }).then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => id + ': ' + target.join(' ') + ' ' + failureSummary)))`)
}

/** Whether the page must be scrolled horizontally. */
const isTooWide = (page: Page): Promise<boolean> =>
  page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth')

const looks = [
  { name: 'light and wide', colorScheme: 'light', viewport: { width: 1280, height: 800 } },
  { name: 'dark and wide', colorScheme: 'dark', viewport: { width: 1280, height: 800 } },
  { name: 'light at 320 px', colorScheme: 'light', viewport: { width: 320, height: 640 } },
  { name: 'dark at 320 px', colorScheme: 'dark', viewport: { width: 320, height: 640 } },
] as const

/** Every page and dialog, and how its user reaches it. */
const places = ({
  ticket,
  closed,
}: Context): readonly (readonly [
  who: string,
  what: string,
  path: string,
  then?: (page: Page) => Promise<unknown>,
])[] => [
  ['Ann Archer', 'tickets', '/tickets'],
  ['Ann Archer', 'a filter', '/tickets', (page) => page.getByLabel('Filter by category').click()],
  ['Ann Archer', 'nothing found', '/tickets?q=zebra'],
  ['Ann Archer', 'archive', '/archive'],
  ['Ann Archer', 'new', '/new'],
  ['Ann Archer', 'a ticket', `/tickets/${ticket}`],
  [
    'Ann Archer',
    'additional information',
    `/tickets/${ticket}`,
    (page) => button(page, 'Additional information').click(),
  ],
  ['Ann Archer', 'the dialog of closing', `/tickets/${ticket}`, (page) => button(page, 'Close ticket').click()],
  [
    'Ann Archer',
    'the preview',
    `/tickets/${ticket}`,
    async (page) => {
      await button(page, 'Preview picture.png').focus()
      await page.keyboard.press('Enter')
      await page.getByRole('dialog').getByRole('img').waitFor()
    },
  ],
  ['Ann Archer', 'reopening', `/tickets/${closed}`, (page) => button(page, 'Reopen ticket').click()],
  ['Ann Archer', 'notifications', '/notifications'],
  ['Ann Archer', 'preferences', '/preferences'],
  ['Ann Archer', 'nothing there', '/tickets/T-00000000'],
  ['Sue Singh', 'tickets of all', '/tickets'],
  ['Sue Singh', 'a ticket for support', `/tickets/${ticket}`],
  ['Sue Singh', 'the dialog of assigning', `/tickets/${ticket}`, (page) => button(page, 'Assign').click()],
  ['Sue Singh', 'new for a customer', '/new'],
  ['Ada Adler', 'a ticket for auditors', `/tickets/${ticket}`],
  ['Ada Adler', 'history', `/tickets/${ticket}/history`],
  ['Ada Adler', 'the proof', `/tickets/${ticket}/history`, (page) => page.getByText('Proof to check offline').click()],
  ['Ira Ito', 'reports', '/reports'],
  ['Ira Ito', 'a server that is getting ready', '/reports', gettingReady],
]

for (const { name, ...look } of looks) {
  barriers(`axe finds nothing, ${name}`, async (context) => {
    const signedIn = new Map<string, SignedIn>()
    const found: string[] = []
    const only = look.colorScheme === 'dark' ? colourRules : rules
    const signIn = await context.site.browser.newPage({ ...look, baseURL: context.site.server.url })
    await signIn.goto('/')
    await button(signIn, 'Ann Archer').waitFor()
    found.push(...(await violations(signIn, only)).map((line) => `sign-in: ${line}`))
    if (await isTooWide(signIn)) found.push('sign-in: is too wide')
    await signIn.goto(`/unsubscribe/${context.token}`)
    await button(signIn, 'Stop these mails').waitFor()
    found.push(...(await violations(signIn, only)).map((line) => `the end of mails: ${line}`))
    if (await isTooWide(signIn)) found.push('the end of mails: is too wide')
    await signIn.close()
    for (const [who, what, path, then] of places(context)) {
      const person = signedIn.get(who) ?? (await context.site.signIn(who, { ...look, reducedMotion: 'reduce' }))
      signedIn.set(who, person)
      await person.open(path)
      await then?.(person.page)
      found.push(...(await violations(person.page, only)).map((line) => `${what}: ${line}`))
      if (await isTooWide(person.page)) found.push(`${what}: is too wide`)
    }
    for (const { context: each } of signedIn.values()) await each.close()
    assert.equal(found, [])
  })
}

barriers('axe finds a violation that is there', async ({ site }) => {
  const page = await site.browser.newPage()
  await page.setContent('<img src="x.png"><button></button><p style="color:#eee;background:#fff">pale</p>')
  const text = (await violations(page)).join('\n')
  for (const rule of ['image-alt', 'button-name', 'color-contrast']) assert.ok(text.includes(rule), rule)
  await page.close()
})

barriers('with reduced motion preferred nothing moves', async ({ site }) => {
  const { page, open, context } = await site.signIn('Ann Archer', { reducedMotion: 'reduce' })
  await open('/tickets')
  const moving = await page.evaluate(
    () =>
      [...document.querySelectorAll('*')].filter((element) => {
        const { transitionDuration, animationDuration } = getComputedStyle(element)
        return [transitionDuration, animationDuration].some((text) => Number.parseFloat(text) > 0.01)
      }).length,
  )
  assert.is(moving, 0)
  await context.close()
})

barriers.run()
