import fc from 'fast-check'
import type { Actor, Via } from '../../../domain/actor.ts'
import type { CommandContext } from '../../../domain/event-log/seal-events.ts'
import type { DomainEvent } from '../../../domain/event-log/event-types.ts'
import { importProgressEvents } from '../../../domain/import/events.ts'
import { mailEvents } from '../../../domain/mail/events.ts'
import { userEvents } from '../../../domain/user/events.ts'
import { arbitraryOf } from '../../support/arbitrary-codec.ts'
import { anyText } from '../../support/arbitrary.ts'
import { accountId, commandId, personId } from '../../support/ids.ts'
import { anyTicketEvent } from '../ticket/arbitrary.ts'

/** Any event that the system writes. */
export const anyEvent: fc.Arbitrary<DomainEvent> = fc.oneof(
  { weight: 7, arbitrary: anyTicketEvent },
  ...Object.values({ ...userEvents, ...importProgressEvents, ...mailEvents }).map(({ codec }) => arbitraryOf(codec)),
)

const anyPerson = fc.record({ id: anyText.map(personId), name: anyText, email: anyText })
const anyActor: fc.Arbitrary<Actor> = fc.oneof(
  fc
    .tuple(anyPerson, anyText.map(accountId))
    .map(([person, account]): Actor => ({ ...person, role: 'customer', account })),
  anyPerson.map((person): Actor => ({ ...person, role: 'support' })),
)
const anyVia: fc.Arbitrary<Via> = fc.oneof(
  fc
    .tuple(anyPerson, anyText.map(accountId))
    .map(([person, account]): Via => ({ ...person, role: 'service', account })),
  anyPerson.map((person): Via => ({ ...person, role: 'service' })),
)

const context = {
  actor: fc.oneof(anyActor, anyVia),
  commandId: fc.uuid().map(commandId),
  correlationId: anyText,
  fingerprint: anyText,
  occurredAt: anyText,
  recordedAt: anyText,
}

/** The context of any command: with or without a service, imported or not. */
export const anyContext: fc.Arbitrary<CommandContext> = fc.oneof(
  fc.record<CommandContext>(context),
  fc.record<CommandContext>({ ...context, via: anyVia }),
  fc.record<CommandContext>({ ...context, imported: anyText }),
)
