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
