import type { StoreFailure } from './event-log/event-store.ts'

/**
 * Why a command or a query gets no. A closed union: `adapters/http/problems.ts` maps each to its problem, exhaustively.
 * Refused means that nothing was stored.
 */
export type Refusal =
  | { readonly tag: 'TicketClosed' }
  | { readonly tag: 'TicketNotClosed' }
  | { readonly tag: 'NotFound' }
  /** A recorded command that is older than its ticket's last event (rulings, 8). */
  | { readonly tag: 'OutOfOrder'; readonly last: string }
  | { readonly tag: 'Forbidden'; readonly reason: string }
  | { readonly tag: 'NotSupport'; readonly person: string }
  | { readonly tag: 'VersionConflict'; readonly actual: number }
  | { readonly tag: 'IdempotencyMismatch' }
  | { readonly tag: 'Invalid'; readonly errors: readonly FieldError[] }
  | { readonly tag: 'UnknownFile'; readonly file: string }
  | { readonly tag: 'TooManyFiles'; readonly count: number }
  /** `limit` in bytes; it depends on the kind. */
  | { readonly tag: 'FileTooLarge'; readonly name: string; readonly limit: number }
  /** Its kind is not one of ours, or its name and its bytes do not agree. */
  | { readonly tag: 'FileTypeNotAllowed'; readonly name: string }
  /** Not yet found clean by the virus scanner. */
  | { readonly tag: 'FilePending'; readonly file: string }
  | { readonly tag: 'FileInfected'; readonly name: string }
  /** Too many others wrote to the ticket at the same time; nothing was stored. */
  | { readonly tag: 'Busy' }
  /** A stream with an event type or schema version that this build does not know must not be written to. */
  | { readonly tag: 'DamagedStream'; readonly stream: string }
  | { readonly tag: 'NotReady'; readonly reason: string }
  | { readonly tag: 'StorageFull' }
  | { readonly tag: 'OutcomeUnknown' }

/** `path` names the field with dots, such as `requester.email`; empty for the whole body. */
export interface FieldError {
  readonly path: string
  readonly message: string
}

export const invalid = (path: string, message: string): Refusal => ({ tag: 'Invalid', errors: [{ path, message }] })

/** What a store's failure means to a caller. */
export const refusalOf = (failure: StoreFailure): Refusal => {
  switch (failure.tag) {
    case 'StoreUnavailable':
      return { tag: 'NotReady', reason: failure.reason }
    case 'StoreClosed':
      return { tag: 'NotReady', reason: 'the server is shutting down' }
    case 'StorageFull':
      return { tag: 'StorageFull' }
    case 'OutcomeUnknown':
      return { tag: 'OutcomeUnknown' }
    case 'DamagedStream':
      return { tag: 'DamagedStream', stream: failure.stream }
  }
}
