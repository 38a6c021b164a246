import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startSite, type Site } from '../support/pages.ts'

const nowhere = suite<{ site: Site }>('an address where there is nothing')

nowhere.before(async (context) => {
  context.site = await startSite()
})
nowhere.after(async ({ site }) => site.close())

nowhere('is a page with a link for a person, with status 404', async ({ site }) => {
  const { page, context, errors } = await site.signIn('Ann Archer')
  const answer = await page.goto('/tickets/of/yesterday')
  assert.is(answer?.status(), 404)
  await page.getByRole('heading', { level: 1, name: 'There is nothing here' }).waitFor()
  await page.getByRole('link', { name: 'Archive' }).click()
  await page.getByRole('heading', { level: 1, name: 'Archive' }).waitFor()
  assert.equal(errors, [])
  await context.close()
})

nowhere('is a problem for a program, and under the API for everyone', async ({ site }) => {
  const ask = async (path: string, accept: string, method = 'GET'): Promise<string> => {
    const answer = await fetch(site.server.url + path, { method, headers: { accept } })
    await answer.arrayBuffer()
    return `${answer.status} ${answer.headers.get('content-type')}`
  }
  const browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'
  assert.is(await ask('/nowhere', browser), '404 text/html; charset=utf-8')
  assert.is(await ask('/nowhere', '*/*'), '404 application/problem+json')
  assert.is(await ask('/nowhere', 'application/json'), '404 application/problem+json')
  assert.is(await ask('/nowhere', browser, 'POST'), '404 application/problem+json')
  assert.is(await ask('/v1/nowhere', browser), '404 application/problem+json')
})

nowhere.run()
