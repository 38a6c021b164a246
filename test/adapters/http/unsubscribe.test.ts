import { left } from 'fp-ts/lib/Either.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startHttp, unsubscribeLinks, type HttpTestServer } from '../../support/http-server.ts'
import { personId } from '../../support/ids.ts'

const unsubscribe = suite<{ http: HttpTestServer }>('the links of mails')
unsubscribe.before.each(async (context) => {
  context.http = await startHttp()
})
unsubscribe.after.each(({ http }) => http.close())

const pathFor = (person: string): string =>
  `/unsubscribe/${unsubscribeLinks.issue({ person: personId(person), kinds: ['closed_by_support', 'support_commented'] })}`

unsubscribe('the page asks for confirmation, by a form that needs no script', async ({ http }) => {
  for (const method of ['GET', 'HEAD']) {
    const answer = await fetch(http.url + pathFor('ann'), { method })
    assert.is(answer.status, 200)
    assert.match(answer.headers.get('Content-Security-Policy') ?? '', "form-action 'self'")
    assert.is(answer.headers.get('Referrer-Policy'), 'no-referrer')
    assert.is(answer.headers.get('Cache-Control'), 'no-store')
    const page = await answer.text()
    if (method === 'GET') assert.match(page, /<li>Support closed a ticket<\/li>.*<form method="post"><button>/)
  }
  assert.equal(http.unsubscribed, [])
})

unsubscribe('a mail program ends them by one click, in either encoding, with the token alone', async ({ http }) => {
  const form = new FormData()
  form.append('List-Unsubscribe', 'One-Click')
  for (const body of [new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }), form]) {
    const answer = await fetch(http.url + pathFor('ann'), { method: 'POST', body })
    assert.is(answer.status, 200)
    assert.match(await answer.text(), 'You get no more mails of this kind')
  }
  const once = ['ann', 'closed_by_support', 'support_commented']
  assert.equal(http.unsubscribed, [once, once])
})

unsubscribe('an invalid token, or one of an unknown person, is not found', async ({ http }) => {
  for (const path of ['/unsubscribe/x.y', `${pathFor('ann')}x`, pathFor('nobody')]) {
    for (const method of ['GET', 'POST']) assert.is((await fetch(http.url + path, { method })).status, 404, path)
  }
  assert.equal(http.unsubscribed, [])
})

unsubscribe('what was not recorded is not reported as done', async ({ http }) => {
  http.readModelState.ready = false
  const early = await fetch(http.url + pathFor('ann'), { method: 'POST' })
  assert.is(early.status, 503)
  assert.equal(http.unsubscribed, [])
  const full = await startHttp({
    commands: { ...http.ports.commands, unsubscribe: () => () => Promise.resolve(left({ tag: 'StorageFull' })) },
  })
  const late = await fetch(full.url + pathFor('ann'), { method: 'POST' })
  assert.is(late.status, 503)
  await full.close()
})

unsubscribe.run()
