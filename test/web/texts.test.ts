import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startSite, type Site } from '../support/pages.ts'

/** How texts and times are shown. */
const texts = suite<{ site: Site }>('texts at the pages')
texts.before(async (context) => {
  context.site = await startSite()
})
texts.after(async ({ site }) => site.close())

const hostile = `<img src=x onerror="document.title='ran'"><script>document.title='ran'</script>{{7*7}}`

texts('entered text is never interpreted as HTML, on any page', async ({ site }) => {
  const { page, open, context, errors } = await site.signIn('Sue Singh')
  const carla = await site.api('Carla Costa')
  const { body } = await carla.post('/v1/tickets', { subject: hostile, description: hostile, category: 'other' })
  await carla.post(`/v1/tickets/${body['id']}/comments`, { body: hostile })
  for (const path of ['/tickets', `/tickets/${body['id']}`, `/tickets/${body['id']}/history`, '/notifications']) {
    await open(path)
    await page.getByText('<img src=x onerror=').first().waitFor()
    assert.not.match(await page.title(), /^ran/)
    assert.is(await page.locator('main img, main script').count(), 0, path)
  }
  assert.equal(errors, [])
  await context.close()
})

texts('web and mail addresses are links, and every text has its own direction', async ({ site }) => {
  const carla = await site.api('Carla Costa')
  const text = [
    'See https://docs.example/a_(b)?x=1&y=2, (http://one.example/path) and mail to help@acme.example.',
    'Not: javascript:alert(1), ftp://old.example, x@y, https://.',
    'مرحبا https://شبكة.example/',
  ].join('\n')
  const { body } = await carla.post('/v1/tickets', { subject: 'שלום', description: text, category: 'other' })
  const { page, open, context } = await site.signIn('Carla Costa')
  await open(`/tickets/${body['id']}`)
  const links = page.locator('.body a')
  assert.equal(await links.evaluateAll((all) => all.map((link) => link.getAttribute('href'))), [
    'https://docs.example/a_(b)?x=1&y=2',
    'http://one.example/path',
    'mailto:help@acme.example',
    'https://شبكة.example/',
  ])
  for (const rel of await links.evaluateAll((all) => all.map((link) => link.getAttribute('rel')))) {
    assert.is(rel, 'noopener nofollow')
  }
  assert.is(await page.locator('.body').innerText(), text)
  assert.is(await page.getByRole('heading', { level: 1 }).getAttribute('dir'), 'auto')
  assert.is(await page.locator('.body').first().getAttribute('dir'), 'auto')
  assert.is(await page.getByLabel('Message', { exact: true }).getAttribute('dir'), 'auto')
  await open('/tickets')
  assert.is(await page.getByRole('link', { name: 'שלום' }).getAttribute('dir'), 'auto')
  await context.close()
})

texts(
  'the buttons of a ticket stay in view at the top right, whatever the subject and the scroll',
  async ({ site }) => {
    const ann = await site.api('Ann Archer')
    const subject = `${'long words '.repeat(17)}end`
    const { body } = await ann.post('/v1/tickets', { subject, description: 'A line.\n'.repeat(200), category: 'other' })
    for (const width of [320, 768, 1280]) {
      const { page, open, context } = await site.signIn('Ann Archer', { viewport: { width, height: 800 } })
      await open(`/tickets/${body['id']}`)
      const right = await page.evaluate(() => document.documentElement.clientWidth)
      for (const at of ['top', 'bottom']) {
        if (at === 'bottom') await page.evaluate(() => scrollTo(0, document.body.scrollHeight))
        for (const name of ['Close ticket', 'Additional information']) {
          const box = await page.getByRole('button', { name, exact: true }).boundingBox()
          assert.ok(box !== null && box.y >= 0 && box.y + box.height < 400, `${name} at ${width} px, ${at}: ${box?.y}`)
          assert.ok(box.x >= right / 3 && box.x + box.width <= right, `${name} at ${width} px, ${at}: ${box.x}`)
        }
        const [heading, actions] = [page.locator('.ticket h1'), page.locator('.ticket > .heading .actions')]
        const [h, a] = [await heading.boundingBox(), await actions.boundingBox()]
        if (at === 'top' && h !== null && a !== null) assert.ok(a.y <= h.y, 'beside or above the subject')
      }
      await context.close()
    }
  },
)

texts("times are in the browser's time zone, to the second on hover", async ({ site }) => {
  const ann = await site.api('Ann Archer')
  const { body } = await ann.post('/v1/tickets', { subject: 'When?', description: 'Now.', category: 'other' })
  const { createdAt } = (await ann.get(`/v1/tickets/${body['id']}`)).body
  const at = new Date(String(createdAt))
  const tokyo = new Intl.DateTimeFormat('en', {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone: 'Asia/Tokyo',
  })
  const { page, open, context } = await site.signIn('Ann Archer', { timezoneId: 'Asia/Tokyo' })
  await open(`/tickets/${body['id']}`)
  const time = page.getByRole('article').locator('time').first()
  await time.waitFor()
  assert.is(await time.getAttribute('datetime'), createdAt)
  assert.ok((await time.innerText()).endsWith(tokyo.format(at)), await time.innerText())
  const title = (await time.getAttribute('title')) ?? ''
  assert.ok(title.includes('Asia/Tokyo'), title)
  assert.ok(title.includes(`:${String(at.getUTCSeconds()).padStart(2, '0')}`), title)
  await context.close()
})

texts.run()
