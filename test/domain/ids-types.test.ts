import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { sha256 } from '../../adapters/crypto.ts'
import { comparePositions, positionOf, start } from '../../domain/event-log/envelope.ts'
import { commandIdOf, eventIdOf, ticketOfStream, ticketStream, userStream } from '../../domain/ids.ts'
import { sees } from '../../domain/actor.ts'
import { accountScopeOf } from '../../projections/scope.ts'
import { commandId, eventId, personId, streamName, ticketId } from '../support/ids.ts'
import { ann } from '../support/people.ts'

/**
 * Each brand stands for itself: what mixes two of them up does not compile. `check:types` reports an `@ts-expect-error`
 * below that is not needed any more. At run time a brand is the text that it was made from.
 */
const types = suite('the types of ids and positions')

const [ticket, person, stream] = [ticketId('T-00000001'), personId('ann'), streamName('ticket-T-00000001')]

types('a ticket is not a person', () => {
  // @ts-expect-error a person's id in a ticket's place
  assert.is(ticketStream(person), 'ticket-ann')
  // @ts-expect-error a ticket's id in a person's place
  assert.is(userStream(ticket), 'reader-T-00000001')
  assert.is(ticketStream(ticket), stream)
})

types('a stream is not its ticket', () => {
  // @ts-expect-error a ticket's id in a stream's place
  assert.is(ticketOfStream(ticket), null)
  // @ts-expect-error a stream's name in a ticket's place
  assert.is(ticketStream(stream), 'ticket-ticket-T-00000001')
  assert.is(ticketOfStream(stream), ticket)
})

types('a person is not an account', () => {
  // @ts-expect-error a person's id in an account's place
  assert.not(sees(ann, ann.id))
  // @ts-expect-error a person's id in an account's place
  assert.is(accountScopeOf(person), '=ann')
  assert.ok(sees(ann, ann.account))
})

types('a command is not its event', () => {
  // @ts-expect-error an event's id in a command's place
  assert.ok(eventIdOf(sha256, eventId('e'), stream, 0))
  assert.is(eventIdOf(sha256, commandId('c'), stream, 0), eventIdOf(sha256, commandId('c'), stream, 0))
})

types('a position is neither a version nor any text', () => {
  // @ts-expect-error a version in a position's place
  assert.ok(Number.isNaN(comparePositions(start, 3)))
  // @ts-expect-error a text that no store gave
  assert.is(comparePositions(start, '0'), 0)
  assert.is(comparePositions(start, positionOf(0)), 0)
})

types('a key of a source system is not a ticket', () => {
  const key: string = 'T-00000001'
  // @ts-expect-error a text that was not decoded
  assert.is(commandIdOf(sha256, 'caller:ann', key, 'k'), commandIdOf(sha256, 'caller:ann', ticket, 'k'))
})

types.run()
