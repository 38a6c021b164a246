/**
 * Writes the missing golden files from `examples` below, and never overwrites one. Review new files before committing
 * them. Run it with `npx node test/domain/event-log/make-golden.ts`.
 */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sha256 } from '../../../adapters/crypto.ts'
import type { Auditor, Via } from '../../../domain/actor.ts'
import { Envelope } from '../../../domain/event-log/envelope.ts'
import { decodeEvent } from '../../../domain/event-log/decode-event.ts'
import { emptyStream, sealEvents, type CommandContext } from '../../../domain/event-log/seal-events.ts'
import { eventTypes, isEventType, type DomainEvent, type EventType } from '../../../domain/event-log/event-types.ts'
import { shapeOf, written } from '../../support/codec-shape.ts'
import { mailStream, type StreamName, sealStream } from '../../../domain/ids.ts'
import { accountId, commandId, personId, eventId, position, streamName, ticketId } from '../../support/ids.ts'
import { bob, sue } from '../../support/people.ts'
import { assigned, closed, commentAdded, fileAttached, log, opened, reopened, statusChanged } from '../ticket/events.ts'
import { goldenFolder, readCodecs } from './golden.ts'

const crm: Via = { id: personId('crm'), name: 'The shop', email: 'shop@acme.example', role: 'service' }

const ada: Auditor = { id: personId('ada'), name: 'Ada Adler', email: 'ada@audit.example', role: 'auditor' }

const byBob: CommandContext = {
  actor: bob,
  commandId: commandId('00000000-0000-8000-8000-000000000001'),
  correlationId: 'request-1',
  fingerprint: 'f'.repeat(64),
  occurredAt: '2026-01-02T03:04:05.678Z',
  recordedAt: '2026-01-02T03:04:05.678Z',
}
const bySue: CommandContext = { ...byBob, actor: sue }
const imported: CommandContext = { ...bySue, occurredAt: '2012-10-09T14:50:17.000Z', imported: 'old-desk' }

const byMailer: CommandContext = {
  ...byBob,
  actor: { id: personId('mailer'), name: 'Mailer', email: '', role: 'service' },
}

type Example = readonly [stream: StreamName, context: CommandContext, event: DomainEvent]

/** Each type, with and without its optional fields. */
const examples: { readonly [T in EventType]: readonly Example[] } = {
  Opened: [
    [streamName('ticket-T-0000000A'), byBob, opened()],
    [
      streamName('ticket-T-0000000B'),
      { ...byBob, via: { ...crm, account: accountId('acme') } },
      {
        ...opened(),
        data: { ...opened().data, source: '/kubernetes' },
        personal: { ...opened().personal, subject: 'Ünïcode “🙂” \u2028', description: '__proto__\n\t"\\' },
      },
    ],
  ],
  CommentAdded: [
    [streamName('ticket-T-0000000A'), byBob, commentAdded('It is back')],
    [streamName('ticket-T-0000000A'), bySue, commentAdded('')],
  ],
  FileAttached: [[streamName('ticket-T-0000000A'), byBob, fileAttached(log)]],
  StatusChanged: [
    [streamName('ticket-T-0000000A'), imported, statusChanged('open', 'in_progress', 'taken', sue)],
    [streamName('ticket-T-0000000A'), byBob, statusChanged('waiting_for_customer', 'in_progress', 'customer_replied')],
  ],
  Assigned: [[streamName('ticket-T-0000000A'), bySue, assigned(sue)]],
  Closed: [[streamName('ticket-T-0000000A'), { ...bySue, via: crm }, closed]],
  Reopened: [[streamName('ticket-T-0000000A'), byBob, reopened]],
  SignedIn: [[streamName('reader-bob'), byBob, { type: 'SignedIn', data: {}, personal: {} }]],
  SignedOut: [
    [
      streamName('reader-bob'),
      byBob,
      { type: 'SignedOut', data: { session: '0b7a3a4e-6f0e-4c1a-9d5b-2f1f6f1c8a11' }, personal: {} },
    ],
    [
      streamName('reader-ada'),
      { ...byBob, actor: ada },
      { type: 'SignedOut', data: { providerSession: 'b6c1f0d2' }, personal: {} },
    ],
    [
      streamName('reader-bob'),
      byBob,
      {
        type: 'SignedOut',
        data: { person: personId('bob'), before: '2026-01-02T03:04:05.678Z', except: 'a-session' },
        personal: {},
      },
    ],
  ],
  TicketSeen: [
    [
      streamName('reader-bob'),
      byBob,
      { type: 'TicketSeen', data: { ticket: ticketId('T-0000000A'), version: 3 }, personal: {} },
    ],
  ],
  NotificationsSeen: [
    [
      streamName('reader-bob'),
      byBob,
      { type: 'NotificationsSeen', data: { upTo: eventId('00000000-0000-8000-8000-000000000007') }, personal: {} },
    ],
    [streamName('reader-bob'), byBob, { type: 'NotificationsSeen', data: {}, personal: {} }],
  ],
  PreferencesSet: [
    [
      streamName('reader-bob'),
      byBob,
      { type: 'PreferencesSet', data: { mail: { closed_by_support: false, support_commented: true } }, personal: {} },
    ],
    [streamName('reader-sue'), bySue, { type: 'PreferencesSet', data: { mail: {} }, personal: {} }],
  ],
  HistoryRead: [
    [
      streamName('reader-ada'),
      { ...byBob, actor: ada },
      { type: 'HistoryRead', data: { ticket: ticketId('T-0000000A'), version: 3 }, personal: {} },
    ],
  ],
  ImportProgressed: [
    [
      streamName('import-old-desk'),
      { ...byBob, actor: crm },
      { type: 'ImportProgressed', data: { digest: 'd'.repeat(64), lines: 1000 }, personal: {} },
    ],
  ],
  MailBegun: [[mailStream, byMailer, { type: 'MailBegun', data: { messageId: '<m-1@desk.example>' }, personal: {} }]],
  MailSettled: [
    [
      mailStream,
      byMailer,
      { type: 'MailSettled', data: { messageId: '<m-1@desk.example>', outcome: 'taken' }, personal: {} },
    ],
    [
      mailStream,
      byMailer,
      {
        type: 'MailSettled',
        data: { messageId: '<m-2@desk.example>', outcome: 'refused' },
        personal: { reason: '550 5.1.1 <bob@acme.example>: unknown' },
      },
    ],
  ],
  MailsMarked: [[mailStream, byMailer, { type: 'MailsMarked', data: {}, personal: {} }]],
  LogSealed: [
    [
      sealStream,
      { ...byBob, actor: { id: personId('copy'), name: 'Copy', email: '', role: 'service' } },
      { type: 'LogSealed', data: { to: 'esdb://node1:2113,node2:2113?namespace=desk2' }, personal: {} },
    ],
  ],
}

const write = (name: string, value: unknown): void =>
  writeFileSync(join(goldenFolder, name), `${JSON.stringify(value, null, 2)}\n`)

for (const [type, cases] of Object.entries(examples)) {
  if (!isEventType(type)) continue
  const name = `${type}.v${eventTypes[type].schema}.json`
  if (existsSync(join(goldenFolder, name))) continue
  const golden = cases.flatMap(([stream, context, event], index) => {
    const head = index === 0 ? emptyStream : { version: 41, hash: 'a'.repeat(64) }
    return sealEvents(sha256, () => `5a17${String(index).padStart(28, '0')}`)(stream, head, context, [event]).map(
      (sealed) => {
        const stored = { position: position('42'), ...sealed }
        return { stored, reads: decodeEvent(stored) }
      },
    )
  })
  write(name, golden)
  console.log(`wrote ${name}`)
}

const codecs: Record<string, unknown> = existsSync(join(goldenFolder, 'codecs.json')) ? { ...readCodecs() } : {}
codecs['Envelope'] ??= written(shapeOf(Envelope))
for (const [type, { schema, codec }] of Object.entries(eventTypes)) {
  codecs[`${type}.v${schema}`] ??= written(shapeOf(codec))
}
write('codecs.json', codecs)
