import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ticketPage } from '../../../domain/ticket/page.ts'
import { opened, streamOf, type Step } from '../../support/http-stubs.ts'
import { ann, sue } from '../../support/http-server.ts'
import { ticketId } from '../../support/ids.ts'

const page = suite('the ticket page')
const id = ticketId('T-AAAAAAAA')
const file = (name: string) =>
  ({
    type: 'FileAttached',
    data: { file: `f-${name}`, mediaType: 'text/plain', size: 3, sha256: '' },
    personal: { name: `${name}.txt` },
  }) as const
const said = (body: string) => ({ type: 'CommentAdded', data: {}, personal: { body } }) as const
const closed = { type: 'Closed', data: {}, personal: {} } as const
const reopened = { type: 'Reopened', data: {}, personal: {} } as const
const takenBy = { name: sue.name, email: sue.email }

const steps: readonly Step[] = [
  { by: ann, at: '2024-05-01T10:00:00.000Z', events: [opened('acme', ann), file('log')] },
  {
    by: sue,
    at: '2024-05-01T11:00:00.000Z',
    events: [
      said('Which browser?'),
      {
        type: 'StatusChanged',
        data: { from: 'open', to: 'in_progress', cause: 'taken', assignee: { id: sue.id } },
        personal: { assignee: takenBy },
      },
    ],
  },
  { by: ann, at: '2024-05-01T12:00:00.000Z', events: [closed] },
  { by: ann, at: '2024-05-01T13:00:00.000Z', events: [reopened, said('Still black'), file('screen')] },
]
const stream = streamOf(id, steps)
const personOf = ({ id: person, name, email }: typeof ann) => ({ id: person, names: { name, email } })

page('holds everything that the stream says', () => {
  const [, , asked, , , , , screen] = stream
  const whole = ticketPage(id, stream)
  const attachment = {
    id: 'f-screen',
    name: 'screen.txt',
    mediaType: 'text/plain',
    size: 3,
    uploadedAt: '2024-05-01T13:00:00.000Z',
    uploadedBy: personOf(ann),
    commentId: stream[6]?.id,
  }
  assert.is(screen?.type, 'FileAttached')
  assert.equal(whole, {
    id,
    account: 'acme',
    subject: 'No video',
    description: 'It is black.',
    category: { id: 'video-cdn', name: 'Video CDN' },
    source: null,
    author: personOf(ann),
    assignee: { id: 'sue', names: takenBy },
    status: 'open',
    createdAt: '2024-05-01T10:00:00.000Z',
    updatedAt: '2024-05-01T13:00:00.000Z',
    closedAt: null,
    version: 8,
    attachments: [
      { ...attachment, id: 'f-log', name: 'log.txt', uploadedAt: '2024-05-01T10:00:00.000Z', commentId: null },
      attachment,
    ],
    comments: [
      {
        id: asked?.id,
        author: personOf(sue),
        body: 'Which browser?',
        createdAt: '2024-05-01T11:00:00.000Z',
        attachments: [],
      },
      {
        id: stream[6]?.id,
        author: personOf(ann),
        body: 'Still black',
        createdAt: '2024-05-01T13:00:00.000Z',
        attachments: [attachment],
      },
    ],
  })
})

page('stands as it stood at a version', () => {
  const then = ticketPage(id, stream, { version: 5 })
  assert.is(then?.status, 'closed')
  assert.is(then?.closedAt, '2024-05-01T12:00:00.000Z')
  assert.is(then?.version, 5)
  assert.is(ticketPage(id, stream, { version: 8 })?.version, 8)
  assert.is(ticketPage(id, stream, { version: 9 }), null)
})

page('stands as it stood at a time', () => {
  assert.is(ticketPage(id, stream, { asOf: '2024-05-01T11:00:00.000Z' })?.version, 4)
  assert.is(ticketPage(id, stream, { asOf: '2024-05-01T10:59:59.999Z' })?.version, 2)
  assert.is(ticketPage(id, stream, { asOf: '2030-01-01T00:00:00.000Z' })?.version, 8)
  assert.is(ticketPage(id, stream, { asOf: '2024-05-01T09:00:00.000Z' }), null)
})

page('has no words where they were erased, and every fact', () => {
  const gone = streamOf(
    id,
    steps.map((step) => ({ ...step, erased: true })),
  )
  const whole = ticketPage(id, gone)
  assert.is(whole?.subject, null)
  assert.is(whole?.description, null)
  assert.equal(whole?.author, { id: 'ann', names: null })
  assert.equal(whole?.assignee, { id: 'sue', names: null })
  assert.equal(
    whole?.comments.map(({ body }) => body),
    [null, null],
  )
  assert.equal(
    whole?.attachments.map(({ name, size }) => [name, size]),
    [
      [null, 3],
      [null, 3],
    ],
  )
  assert.is(whole?.version, 8)
})

page('is none where there is no ticket', () => {
  assert.is(ticketPage(id, []), null)
  assert.is(ticketPage(id, stream.slice(1)), null)
})

page.run()
