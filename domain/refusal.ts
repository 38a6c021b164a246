import type { FieldError } from './codec.ts'
import type { AppendFailure } from './event-log/event-store.ts'
import type { PersonId, StreamName } from './ids.ts'

/**
 * Why a command or a query is refused; nothing was stored. A closed union: adapters/http/problems.ts maps each member to
 * its problem, exhaustively.
 */
export type Refusal =
  | { readonly tag: 'TicketClosed' }
  | { readonly tag: 'TicketNotClosed' }
  | { readonly tag: 'NotFound' }
  /** A recorded command whose time is before its ticket's last event, at `last`. */
  | { readonly tag: 'OutOfOrder'; readonly last: string }
  | { readonly tag: 'Forbidden'; readonly reason: string }
  | { readonly tag: 'NotSupport'; readonly person: PersonId }
  | { readonly tag: 'VersionConflict'; readonly actual: number }
  | { readonly tag: 'IdempotencyMismatch' }
  | { readonly tag: 'Invalid'; readonly errors: readonly FieldError[] }
  | { readonly tag: 'UnknownFile'; readonly file: string }
  | { readonly tag: 'TooManyFiles'; readonly count: number }
  /** `limit` in bytes; it depends on the kind. */
  | { readonly tag: 'FileTooLarge'; readonly name: string; readonly limit: number }
  /** Its kind is not allowed, or its name and its content do not agree. */
  | { readonly tag: 'FileTypeNotAllowed'; readonly name: string }
  /** The virus scanner has not examined it yet. */
  | { readonly tag: 'FilePending'; readonly file: string }
  | { readonly tag: 'FileInfected'; readonly name: string }
  /** Others appended to the stream before each attempt. */
  | { readonly tag: 'Busy' }
  /** The stream holds an altered event, or one of a type or schema version that this build does not know. */
  | { readonly tag: 'DamagedStream'; readonly stream: StreamName }
  | { readonly tag: 'NotReady'; readonly reason: string }
  | { readonly tag: 'StorageFull' }
  /** The log has ended, and goes on at `to`. */
  | { readonly tag: 'LogSealed'; readonly to: string }
  | { readonly tag: 'OutcomeUnknown' }

export const invalid = (path: string, message: string): Refusal => ({ tag: 'Invalid', errors: [{ path, message }] })

/** The refusal that a caller gets for a store's failure. */
export const refusalOf = (failure: Exclude<AppendFailure, { readonly tag: 'WrongExpectedVersion' }>): Refusal => {
  switch (failure.tag) {
    case 'StoreUnavailable':
      return { tag: 'NotReady', reason: failure.reason }
    case 'StoreClosed':
      return { tag: 'NotReady', reason: 'the server is shutting down' }
    case 'StorageFull':
      return { tag: 'StorageFull' }
    case 'LogSealed':
      return { tag: 'LogSealed', to: failure.to }
    case 'OutcomeUnknown':
      return { tag: 'OutcomeUnknown' }
    case 'DamagedStream':
      return { tag: 'DamagedStream', stream: failure.stream }
  }
}
