import type { Position } from '../../domain/event-log/envelope.ts'
import type { AccountId, CommandId, EventId, PersonId, StreamName, TicketId } from '../../domain/ids.ts'

/** Texts of tests as ids and positions, whatever their form. */
export const ticketId = (text: string): TicketId => text as TicketId
export const personId = (text: string): PersonId => text as PersonId
export const accountId = (text: string): AccountId => text as AccountId
export const streamName = (text: string): StreamName => text as StreamName
export const commandId = (text: string): CommandId => text as CommandId
export const eventId = (text: string): EventId => text as EventId
export const position = (text: string): Position => text as Position
