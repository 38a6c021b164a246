import type { FieldError } from '../../domain/codec.ts'
import { kindNames, MB, mostFiles } from '../../domain/files/kinds.ts'
import type { Refusal } from '../../domain/refusal.ts'

/**
 * Every refusal of this server as a problem (RFC 9457; docs/adr/0026-http-api-and-problems.md). Each refusal has its
 * problem here, and each problem its status. A title names the kind of problem, a detail what to do.
 */
export const problemKinds = {
  validation: { status: 400, title: 'Something in the request is not valid' },
  'malformed-json': { status: 400, title: 'The body is not JSON' },
  unauthenticated: { status: 401, title: 'Sign in first' },
  forbidden: { status: 403, title: 'Your role may not do this' },
  'not-found': { status: 404, title: 'There is nothing here' },
  'method-not-allowed': { status: 405, title: 'This path does not take this method' },
  'not-acceptable': { status: 406, title: 'This is not offered in an accepted media type' },
  'sign-in-refused': { status: 403, title: 'You cannot sign in here' },
  'sign-in-failed': { status: 400, title: 'The sign-in did not work' },
  'file-infected': { status: 403, title: 'The virus scanner refused this file' },
  'ticket-closed': { status: 409, title: 'The ticket is closed' },
  'ticket-not-closed': { status: 409, title: 'The ticket is not closed' },
  'file-pending': { status: 409, title: 'The file has not been scanned yet' },
  'version-conflict': { status: 412, title: 'The ticket has moved on' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'file-too-large': { status: 413, title: 'The file is too large' },
  'unsupported-media-type': { status: 415, title: 'The body is of a kind that this path does not take' },
  'file-type-not-allowed': { status: 415, title: 'Files of this kind are not allowed here' },
  'range-not-satisfiable': { status: 416, title: 'The file has no such bytes' },
  misdirected: { status: 421, title: 'This server does not answer requests of this kind' },
  'idempotency-mismatch': { status: 422, title: 'This Idempotency-Key belongs to another command' },
  'not-support': { status: 422, title: 'Only support can be assigned' },
  'too-many-files': { status: 422, title: 'Too many files in one message' },
  'unknown-file': { status: 422, title: 'There is no such upload' },
  'rate-limited': { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'Something broke here' },
  'damaged-stream': { status: 500, title: 'This record is damaged' },
  'query-too-expensive': { status: 503, title: 'This takes too long to find out' },
  'provider-away': { status: 503, title: 'Signing in is not possible just now' },
  'not-ready': { status: 503, title: 'Not ready yet' },
  'storage-full': { status: 503, title: 'There is no room to store this' },
  'log-sealed': { status: 503, title: 'The helpdesk has moved to another log' },
  'outcome-unknown': { status: 503, title: 'It is not known whether this was stored' },
} as const satisfies Readonly<Record<string, { readonly status: number; readonly title: string }>>

export type Slug = keyof typeof problemKinds

/** What a route answers whose append was not acknowledged. A new failure of the log is added here. */
export const appendProblems = [
  'damaged-stream',
  'not-ready',
  'storage-full',
  'log-sealed',
  'outcome-unknown',
] as const satisfies readonly Slug[]

/** What the HTTP adapter itself refuses. */
export type HttpRefusal =
  | { readonly tag: 'MalformedJson'; readonly why: string }
  | { readonly tag: 'Unauthenticated'; readonly token: 'missing' | 'expired' | 'invalid' }
  | { readonly tag: 'MethodNotAllowed'; readonly allow: string }
  | { readonly tag: 'NotAcceptable'; readonly offered: readonly string[] }
  | { readonly tag: 'BodyTooLarge'; readonly limit: number }
  | {
      readonly tag: 'UnsupportedMediaType'
      readonly expected: 'application/json' | 'multipart/form-data' | 'application/x-www-form-urlencoded'
      readonly why: string
    }
  | { readonly tag: 'SignInDeclined' }
  | { readonly tag: 'SignInFailed' }
  /** `contact`: whom to ask. */
  | { readonly tag: 'NoRole'; readonly reason: string; readonly contact: string }
  | { readonly tag: 'ProviderAway' }
  | { readonly tag: 'NoPreview' }
  /** `size` of the whole file, in bytes. */
  | { readonly tag: 'RangeNotSatisfiable'; readonly size: number }
  /** `reason` says for which requests the server answers. */
  | { readonly tag: 'Misdirected'; readonly reason: string }
  | { readonly tag: 'RateLimited'; readonly retryAfterSeconds: number }
  | { readonly tag: 'QueryTooExpensive' }
  | { readonly tag: 'Internal' }

export type Refused = Refusal | HttpRefusal

/** The content of an `application/problem+json` response without its `instance`. */
export interface Problem {
  readonly slug: Slug
  readonly detail: string
  readonly errors?: readonly FieldError[]
  /** How many more there are. */
  readonly moreErrors?: number
  readonly headers?: Readonly<Record<string, string>>
}

const invalidToken = (why: string): Readonly<Record<string, string>> => ({
  'WWW-Authenticate': `Bearer realm="ledgerdesk", error="invalid_token", error_description="${why}"`,
})

const soon = { 'Retry-After': '1' }

const unauthenticated = (token: 'missing' | 'expired' | 'invalid'): Problem => {
  const slug = 'unauthenticated'
  switch (token) {
    case 'missing':
      return {
        slug,
        detail: 'Send a token in the header "Authorization: Bearer <token>".',
        headers: { 'WWW-Authenticate': 'Bearer realm="ledgerdesk"' },
      }
    case 'expired':
      return { slug, detail: 'The token has expired: get a new one.', headers: invalidToken('expired') }
    case 'invalid':
      return { slug, detail: 'The token is not one of this server: get a new one.', headers: invalidToken('invalid') }
  }
}

/** The most errors of one answer, and the most characters of a path in it. */
const errorLimit = 20
const pathLimit = 200

/** The first errors of a validation, and how many more there are: an answer does not grow with what was sent. */
const validation = (errors: readonly FieldError[]): Problem => {
  const named = errors
    .slice(0, errorLimit)
    .map(({ path, message }) => ({ path: path.slice(0, pathLimit).toWellFormed(), message }))
  const paths = named.map(({ path }) => (path === '' ? 'the body' : path)).join(', ')
  const more = errors.length - named.length
  return more === 0
    ? { slug: 'validation', detail: `Correct ${paths} and send it again.`, errors: named }
    : {
        slug: 'validation',
        detail: `Correct ${paths} and ${more} more, and send it again.`,
        errors: named,
        moreErrors: more,
      }
}

/** The problem of a refusal. A refusal without a case does not compile. A request that only reads stores nothing anyway. */
export const problemOf = (refused: Refused, isReading: boolean): Problem => {
  const stored = isReading ? '' : ' Nothing was stored.'
  switch (refused.tag) {
    case 'Invalid':
      return validation(refused.errors)
    case 'OutOfOrder':
      return {
        slug: 'validation',
        detail: 'Send recorded commands in the order of their times.',
        errors: [{ path: 'at', message: `must not be before the ticket's last event, ${refused.last}` }],
      }
    case 'MalformedJson':
      return { slug: 'malformed-json', detail: `The body ${refused.why}. Send one JSON object in UTF-8.` }
    case 'Unauthenticated':
      return unauthenticated(refused.token)
    case 'Forbidden':
      return { slug: 'forbidden', detail: `Not for you: ${refused.reason}.` }
    case 'NotFound':
      return { slug: 'not-found', detail: 'Check the address and the id: nothing that you may know of is there.' }
    case 'MethodNotAllowed':
      return { slug: 'method-not-allowed', detail: `Use ${refused.allow}.`, headers: { Allow: refused.allow } }
    case 'NotAcceptable':
      return { slug: 'not-acceptable', detail: `Name in Accept ${refused.offered.join(' or ')}.` }
    case 'TicketClosed':
      return { slug: 'ticket-closed', detail: 'Reopen the ticket with a message, or open a new one.' }
    case 'TicketNotClosed':
      return { slug: 'ticket-not-closed', detail: 'The ticket is active: send a comment instead.' }
    case 'VersionConflict':
      return {
        slug: 'version-conflict',
        detail: `The ticket stands at version ${refused.actual}: read it again and decide anew.`,
        headers: { ETag: `"${refused.actual}"` },
      }
    case 'BodyTooLarge':
      return { slug: 'body-too-large', detail: `Send at most ${refused.limit} bytes.` }
    case 'UnsupportedMediaType':
      return { slug: 'unsupported-media-type', detail: `Send ${refused.expected}: ${refused.why}.` }
    case 'IdempotencyMismatch':
      return {
        slug: 'idempotency-mismatch',
        detail: 'Use a new key for a new command, or repeat the first body exactly.',
      }
    case 'NotSupport':
      return {
        slug: 'not-support',
        detail: 'Assign the ticket to somebody of the support team who has signed in once.',
      }
    case 'TooManyFiles':
      return {
        slug: 'too-many-files',
        detail: `A message carries at most ${mostFiles} files; this one names ${refused.count}.`,
      }
    case 'UnknownFile':
      return {
        slug: 'unknown-file',
        detail: 'Upload the file again: it is unknown, too old, used by another message or not yours.',
        errors: [{ path: 'attachments', message: `${refused.file} is no upload of yours` }],
      }
    case 'FileTooLarge':
      return {
        slug: 'file-too-large',
        detail: `"${refused.name}" may have at most ${refused.limit / MB} MB. Make it smaller, or split it.`,
      }
    case 'FileTypeNotAllowed':
      return {
        slug: 'file-type-not-allowed',
        detail: `"${refused.name}" must be one of ${kindNames.join(', ')}, and hold what its name says.`,
      }
    case 'FilePending':
      return {
        slug: 'file-pending',
        detail: 'The virus scanner has not answered yet. Send the message again in a minute, or without this file.',
        errors: [{ path: 'attachments', message: `${refused.file} is not scanned yet` }],
        headers: { 'Retry-After': '60' },
      }
    case 'FileInfected':
      return { slug: 'file-infected', detail: `"${refused.name}" was not kept: clean it, or send another.` }
    case 'SignInDeclined':
      return {
        slug: 'sign-in-refused',
        detail:
          'You did not finish signing in at your identity provider, or it refused you. Open this site and try again.',
      }
    case 'SignInFailed':
      return {
        slug: 'sign-in-failed',
        detail: 'It took too long, or this page was opened twice. Open this site and sign in again.',
      }
    case 'NoRole':
      return {
        slug: 'sign-in-refused',
        detail: `Your identity provider knows you, but ${refused.reason}. Ask: ${refused.contact}`,
      }
    case 'ProviderAway':
      return {
        slug: 'provider-away',
        detail: 'Your identity provider cannot be reached. Whoever is signed in stays so. Try again in a minute.',
        headers: { 'Retry-After': '60' },
      }
    case 'NoPreview':
      return {
        slug: 'file-type-not-allowed',
        detail: 'There is no preview of files of this kind: download it and open it in a program of your own.',
      }
    case 'RangeNotSatisfiable':
      return {
        slug: 'range-not-satisfiable',
        detail: `Request bytes from 0 to ${refused.size - 1}, or leave Range away.`,
        headers: { 'Content-Range': `bytes */${refused.size}` },
      }
    case 'Misdirected':
      return { slug: 'misdirected', detail: `Not answered: ${refused.reason}.` }
    case 'RateLimited':
      return {
        slug: 'rate-limited',
        detail: `Try again in ${refused.retryAfterSeconds} s, and more slowly.`,
        headers: { 'Retry-After': String(refused.retryAfterSeconds) },
      }
    case 'QueryTooExpensive':
      return {
        slug: 'query-too-expensive',
        detail: 'Ask for less: fewer words, a shorter time, a smaller page. Nothing is wrong with the server.',
      }
    case 'Internal':
      return { slug: 'internal', detail: 'This is our fault. Name the X-Request-Id of this answer when you report it.' }
    case 'DamagedStream':
      return {
        slug: 'damaged-stream',
        detail: 'It was altered or is of a newer version, and is not served. Report it.',
      }
    case 'Busy':
      return {
        slug: 'not-ready',
        detail: 'Many write to this ticket at once. Nothing was stored. Try again.',
        headers: soon,
      }
    case 'NotReady':
      return { slug: 'not-ready', detail: `Not ready: ${refused.reason}.${stored} Try again.`, headers: soon }
    case 'StorageFull':
      return {
        slug: 'storage-full',
        detail: `The server has no room left.${stored} Try again later.`,
        headers: { 'Retry-After': '30' },
      }
    case 'LogSealed':
      return {
        slug: 'log-sealed',
        detail: `The log of this server has ended, and goes on at ${refused.to}.${stored} Use a server of that log.`,
      }
    case 'OutcomeUnknown':
      return {
        slug: 'outcome-unknown',
        detail: 'Repeat it with the same Idempotency-Key: that decides.',
        headers: soon,
      }
  }
}
