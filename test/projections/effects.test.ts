import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { quotations } from '../../adapters/mail/mail-template.ts'
import { eventTypes, isEventType, type EventType } from '../../domain/event-log/event-types.ts'
import { rules } from '../../domain/notification/rules.ts'
import { pageEffects } from '../../domain/ticket/page.ts'
import { cacheContext } from '../../projections/cache/cache.ts'
import type { Projection } from '../../projections/projection.ts'
import { helpdesk, reporting } from '../../projections/registry.ts'
import { withProjections } from '../support/projection-specs.ts'

/**
 * Where an event may be left out without a word of the compiler: read models, the fold of a ticket's page, notification
 * rules and the quotations of mails. Here each type says where it has an effect, so that a new one is decided everywhere.
 */
const models: Readonly<Record<string, Projection<unknown>>> = { ...helpdesk, ...reporting }
type Place = keyof typeof helpdesk | keyof typeof reporting | 'page' | 'rules' | 'mail'

const effects: { readonly [T in EventType]: readonly Place[] } = {
  Opened: ['people', 'tickets', 'reading', 'files', 'search', 'reports', 'rules', 'mail'],
  CommentAdded: ['reading', 'search', 'reports', 'page', 'rules', 'mail'],
  FileAttached: ['files', 'page', 'mail'],
  StatusChanged: ['people', 'tickets', 'search', 'reports', 'page', 'rules'],
  Assigned: ['people', 'tickets', 'reports', 'page', 'rules'],
  Closed: ['tickets', 'search', 'reports', 'page', 'rules'],
  Reopened: ['tickets', 'search', 'reports', 'page', 'rules'],
  SignedIn: ['reading'],
  SignedOut: ['sessions'],
  TicketSeen: ['reading'],
  NotificationsSeen: ['notifications'],
  PreferencesSet: ['notifications'],
  HistoryRead: [],
  ImportProgressed: [],
  MailBegun: [],
  MailSettled: [],
  MailsMarked: [],
}

const handlersOf = (model: Projection<unknown>): object =>
  withProjections([model], (db) => model.on(cacheContext(db, false)))

const places: Readonly<Record<string, object>> = {
  ...Object.fromEntries(Object.entries(models).map(([name, model]) => [name, handlersOf(model)])),
  page: pageEffects,
  rules,
  mail: quotations,
}

const test = suite('effects of events')

test('each event type has its line in this table', () => {
  const missing = Object.keys(eventTypes).filter((type) => !Object.hasOwn(effects, type))
  const decide = `decide the effect of a new event in each of ${Object.keys(places).join(', ')}: add its handlers, then its line to "effects"`
  assert.equal(missing, [], decide)
})

for (const [type, expected] of Object.entries(effects)) {
  test(`${type} has an effect where the table says so, and nowhere else`, () => {
    assert.ok(isEventType(type), `there is no event ${type}: remove its line`)
    const actual = Object.keys(places).filter((place) => Object.hasOwn(places[place] ?? {}, type))
    assert.equal(
      actual.toSorted(),
      expected.toSorted(),
      `add the missing handler of ${type}, or correct its line in "effects"; a changed handler needs the next version of its read model`,
    )
  })
}

test.run()
