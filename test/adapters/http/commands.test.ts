import { left, right } from 'fp-ts/lib/Either.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bodyLimit } from '../../../adapters/http/body.ts'
import type { Refusal } from '../../../domain/refusal.ts'
import { acmeTicket, globexTicket, startHttp, type HttpTestServer } from '../../support/http-server.ts'
import { personId, streamName, position } from '../../support/ids.ts'

const commands = suite<{ http: HttpTestServer }>('commands over HTTP')
commands.before(async (context) => {
  context.http = await startHttp()
})
commands.after(({ http }) => http.close())

const comments = `/v1/tickets/${acmeTicket}/comments`
const problem = async (response: Response) => {
  assert.is(response.headers.get('Content-Type'), 'application/problem+json')
  return (await response.json()) as {
    type: string
    status: number
    errors?: { path: string; message: string }[]
    moreErrors?: number
  }
}

commands('a ticket is opened: 201, where it is, its version and the position', async ({ http }) => {
  const body = { subject: ' No video ', description: 'Black.', category: 'video-cdn', source: '/cdn' }
  const response = await http.post('/v1/tickets', 'ann', body, { 'Idempotency-Key': 'k 1' })
  assert.is(response.status, 201)
  assert.is(response.headers.get('Location'), '/v1/tickets/T-00000001')
  assert.is(response.headers.get('ETag'), '"3"')
  assert.is(response.headers.get('Ledger-Position'), '42')
  assert.equal(await response.json(), { id: 'T-00000001', version: 3, status: 'open', position: '42' })
  const last = http.issued.at(-1)
  assert.equal(last?.request, { type: 'open', ...body, subject: 'No video' })
  assert.is(last?.call.idempotencyKey, 'k 1')
  assert.is(last?.call.caller.id, 'ann')
})

commands('each command reaches the command handler under its own type', async ({ http }) => {
  const sent: readonly (readonly [path: string, type: string, body: unknown])[] = [
    ['comments', 'comment', { body: 'Hi', thenStatus: 'closed' }],
    ['take', 'take', {}],
    ['status', 'status', { status: 'waiting_for_customer' }],
    ['assign', 'assign', { assignee: { id: 'tom', name: 'Tom Tran', email: 'tom@support.example' } }],
    ['close', 'close', {}],
    ['reopen', 'reopen', { body: 'Again' }],
  ]
  for (const [path, type, body] of sent) {
    const response = await http.post(`/v1/tickets/${acmeTicket}/${path}`, 'sue', body, { 'If-Match': '"3"' })
    assert.is(response.status, path === 'comments' ? 201 : 200, path)
    const last = http.issued.at(-1)
    assert.equal(last?.request, { type, ...(body as object) })
    assert.is(last?.ticket, acmeTicket)
    assert.is(last?.call.ifVersion, 3)
  }
})

commands('no body is an empty one where a command has no required field', async ({ http }) => {
  for (const path of ['take', 'close', 'seen']) {
    const url = `${http.url}/v1/tickets/${acmeTicket}/${path}`
    const response = await fetch(url, { method: 'POST', headers: http.bearer('sue') })
    assert.is(response.status, 200, path)
  }
  const response = await http.post(comments, 'sue', '')
  assert.is((await problem(response)).type, '/problems/malformed-json')
})

commands('reading marks answer whether something is unread', async ({ http }) => {
  const unread = await http.post(`/v1/tickets/${acmeTicket}/seen`, 'ann', { upTo: 1 })
  assert.equal(await unread.json(), { unread: true })
  const response = await http.post(`/v1/tickets/${globexTicket}/seen`, 'carla', { upTo: 1 })
  assert.equal(await response.json(), { unread: false })
  assert.is(response.headers.get('Ledger-Position'), '43')
  const wrong = await problem(await http.post(`/v1/tickets/${acmeTicket}/seen`, 'ann', { upTo: 0.5 }))
  assert.equal(wrong.errors, [{ path: 'upTo', message: 'must be a whole number from 1' }])
})

commands('a wrong field is named, an unknown one too', async ({ http }) => {
  const body = { subject: ' ', description: 5, category: 'x', urgent: true, requester: { id: 'a', nick: 'b' } }
  const { status, errors } = await problem(await http.post('/v1/tickets', 'sue', body))
  assert.is(status, 400)
  const paths = errors?.map(({ path }) => path).toSorted()
  assert.equal(paths, [
    'description',
    'requester.account',
    'requester.email',
    'requester.name',
    'requester.nick',
    'subject',
    'urgent',
  ])
})

commands('an answer names at most twenty errors and counts the others, however many there are', async ({ http }) => {
  const unknown = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`field${n}`, n]))
  const hostile: readonly (readonly [string, unknown, number | undefined])[] = [
    ['as many as are named', unknown(20), undefined],
    ['unknown fields', unknown(900), 880],
    ['wrong items', { body: 'a', attachments: Array.from({ length: 900 }, () => 1) }, 880],
    ['more values than are read', unknown(10_000), undefined],
    ['one long name', { ['x'.repeat(200_000)]: 1 }, undefined],
  ]
  for (const [what, body, more] of hostile) {
    const response = await http.post(comments, 'ann', body)
    const text = await response.text()
    const { errors, moreErrors } = JSON.parse(text) as { errors: { path: string }[]; moreErrors?: number }
    assert.is(response.status, 400, what)
    assert.is(moreErrors, more, what)
    assert.ok(errors.length > 0 && errors.length <= 20, what)
    assert.ok(text.length < 10_000, `${what}: ${text.length} characters`)
  }
})

commands('what is not strict JSON is refused', async ({ http }) => {
  const before = http.issued.length
  for (const body of ['{', '{"body":"a"} x', '[', "{'body':1}", '\uFEFF{"body":"a"}']) {
    assert.is((await problem(await http.post(comments, 'ann', body))).type, '/problems/malformed-json', body)
  }
  for (const body of ['{"body":"a","body":"b"}', '{"body":"\\ud800"}', '{"body":"\\u0000"}', '{"__proto__":{}}']) {
    const { type, errors } = await problem(await http.post(comments, 'ann', body))
    assert.is(type, '/problems/validation', body)
    assert.is(errors?.length, 1)
  }
  for (const body of ['null', '5', '"a"', '[]']) assert.is((await http.post(comments, 'ann', body)).status, 400, body)
  assert.is(http.issued.length, before)
})

commands('a body of another kind, or too large a one, is refused', async ({ http }) => {
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=latin1']) {
    const response = await http.post(comments, 'ann', { body: 'a' }, { 'Content-Type': type })
    assert.is(response.status, 415, type)
  }
  assert.is((await http.post(comments, 'ann', { body: 'a' }, { 'Content-Encoding': 'gzip' })).status, 415)
  const text = (size: number) => `{"body":"${'a'.repeat(size)}"}`
  assert.is((await http.post(comments, 'ann', text(bodyLimit))).status, 413)
  assert.is((await http.post(comments, 'ann', text(bodyLimit - 11))).status, 400)
  assert.is(
    (await http.post(comments, 'ann', { body: 'a' }, { 'Content-Type': 'Application/JSON;charset=UTF-8' })).status,
    201,
  )
})

commands('too large a body in pieces without a length is refused too', async ({ http }) => {
  const piece = new Uint8Array(64 * 1024).fill(0x20)
  const body = ReadableStream.from([piece, piece, piece, piece, piece])
  const response = await fetch(http.url + comments, {
    method: 'POST',
    headers: { ...http.bearer('ann'), 'Content-Type': 'application/json' },
    body,
    duplex: 'half',
  })
  assert.is(response.status, 413)
})

commands('headers that mean something are well-formed or refused', async ({ http }) => {
  for (const value of ['3', 'W/"3"', '"3", "4"', '"x"', '""', '"-1"']) {
    const { errors } = await problem(await http.post(comments, 'ann', { body: 'a' }, { 'If-Match': value }))
    assert.is(errors?.[0]?.path, 'If-Match', value)
  }
  assert.is((await http.post(comments, 'ann', { body: 'a' }, { 'If-Match': '*' })).status, 201)
  assert.is(http.issued.at(-1)?.call.ifVersion, undefined)
  const long = { 'Idempotency-Key': 'k'.repeat(201) }
  assert.is((await problem(await http.post(comments, 'ann', { body: 'a' }, long))).errors?.[0]?.path, 'Idempotency-Key')
  assert.is((await http.post(comments, 'ann', { body: 'a' }, { 'Idempotency-Key': 'k'.repeat(200) })).status, 201)
  assert.is((await http.post(`${comments}?dry=1`, 'ann', { body: 'a' })).status, 400)
})

/** Every refusal of the command handler, with its problem (docs/api.md, Errors). */
const refusals: readonly (readonly [Refusal, number, string])[] = [
  [{ tag: 'TicketClosed' }, 409, 'ticket-closed'],
  [{ tag: 'TicketNotClosed' }, 409, 'ticket-not-closed'],
  [{ tag: 'NotFound' }, 404, 'not-found'],
  [{ tag: 'OutOfOrder', last: '2024-05-01T10:00:00.000Z' }, 400, 'validation'],
  [{ tag: 'Forbidden', reason: 'only support may' }, 403, 'forbidden'],
  [{ tag: 'NotSupport', person: personId('ann') }, 422, 'not-support'],
  [{ tag: 'VersionConflict', actual: 4 }, 412, 'version-conflict'],
  [{ tag: 'IdempotencyMismatch' }, 422, 'idempotency-mismatch'],
  [{ tag: 'Invalid', errors: [{ path: 'category', message: 'must be one of x' }] }, 400, 'validation'],
  [{ tag: 'UnknownFile', file: 'f' }, 422, 'unknown-file'],
  [{ tag: 'TooManyFiles', count: 11 }, 422, 'too-many-files'],
  [{ tag: 'Busy' }, 503, 'not-ready'],
  [{ tag: 'DamagedStream', stream: streamName('s') }, 500, 'damaged-stream'],
  [{ tag: 'NotReady', reason: 'the log is locked' }, 503, 'not-ready'],
  [{ tag: 'StorageFull' }, 503, 'storage-full'],
  [{ tag: 'OutcomeUnknown' }, 503, 'outcome-unknown'],
]

commands('every refusal has its problem', async ({ http }) => {
  const good = http.state.outcome
  for (const [refusal, status, slug] of refusals) {
    http.state.outcome = left(refusal)
    const response = await http.post(comments, 'sue', { body: 'a' })
    assert.is(response.status, status, slug)
    const answer = await problem(response)
    assert.is(answer.type, `/problems/${slug}`)
    assert.is(answer.status, status)
    assert.equal(
      Object.keys(answer).filter((key) => key !== 'errors'),
      ['type', 'title', 'status', 'detail', 'instance'],
    )
    if (status === 503) assert.ok(response.headers.has('Retry-After'), slug)
    assert.is((await http.get(answer.type, null)).status, 200, `${answer.type} is a page`)
  }
  http.state.outcome = good
})

commands('an error of the command handler is a 500 without its message', async () => {
  const http = await startHttp()
  const broken = await startHttp({
    commands: {
      ...http.commands,
      act: () => () => Promise.reject(new Error('secret stack')),
    },
  })
  const response = await broken.post(comments, 'ann', { body: 'a' })
  assert.is(response.status, 500)
  const text = await response.text()
  assert.match(text, /\/problems\/internal/)
  assert.not.match(text, /secret|\.ts/)
  assert.ok(broken.lines.some((line) => line.includes('secret stack')))
  await broken.close()
  await http.close()
})

commands("a person's first request is recorded once; a failure to record it refuses nothing", async () => {
  const http = await startHttp()
  await Promise.all([1, 2, 3].map(() => http.get('/v1/me', 'ann')))
  assert.equal(
    http.signedIn.map(({ caller }) => caller.id),
    ['ann'],
  )
  http.state.signIn = left({ tag: 'StorageFull' })
  assert.is((await http.get('/v1/me', 'sue')).status, 200)
  http.state.signIn = right({ position: position('1') })
  await http.get('/v1/me', 'sue')
  await http.get('/v1/me', 'sue')
  assert.equal(
    http.signedIn.map(({ caller }) => caller.id),
    ['ann', 'sue', 'sue'],
  )
  await http.get('/v1/me', 'ada')
  await http.get('/v1/projections', 'robot')
  assert.is(http.signedIn.length, 3)
  await http.close()
})

commands.run()
