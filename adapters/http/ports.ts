import type { Either } from 'fp-ts/lib/Either.js'
import type { Logger } from 'pino'
import type { Commands } from '../../domain/commands.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { ListedCategory } from '../../domain/ticket/category.ts'
import type { FileStore } from '../files/store.ts'
import type { Identity } from '../identity/identity.ts'
import type { Sessions } from '../identity/sessions.ts'
import type { UnsubscribeTokens } from '../mail/unsubscribe.ts'
import type { Live } from './sse/live.ts'
import type { Pages } from './pages.ts'
import type { Views } from './views.ts'

/** What counts requests and prints all figures; `createMetrics` makes one. */
export interface HttpMetrics {
  /** The media type of `text`. */
  readonly contentType: string
  readonly text: () => Promise<string>
  readonly request: (method: string, route: string, status: number, seconds: number) => void
}

/** Where files come in and lie; `openFileStore` makes one. */
export type Files = Pick<FileStore, 'take' | 'forget' | 'pathOf'>

/**
 * A ticket's bundle: its history with a proof, as one text to be checked offline. When its turn comes `begin` is asked;
 * what it refuses is not made.
 */
export type Prove = (ticket: string, begin: () => Promise<Either<Refusal, unknown>>) => Promise<Either<Refusal, string>>

/** What the routes' handlers are given. */
export interface RoutePorts {
  readonly commands: Commands
  readonly views: Views
  readonly files: Files
  readonly live: Live
  readonly prove: Prove
  readonly readUnsubscribe: UnsubscribeTokens['read']
  readonly sessions: Sessions
  readonly pages: Pages
  /** Browsers reach this server by https. */
  readonly isSecure: boolean
  readonly categories: readonly ListedCategory[]
  readonly metrics: HttpMetrics
  /** False from the moment that the server is told to close. */
  readonly open: () => boolean
  /** The OpenAPI document. */
  readonly document: () => OpenApiDocument
}

/** JSON of OpenAPI 3.1. */
export type OpenApiDocument = Readonly<Record<string, unknown>>

/** Requests a minute. */
export interface RateLimits {
  /** For one caller, by the token's subject. */
  readonly perCaller: number
  /** Failed sign-ins for one address. */
  readonly failuresPerAddress: number
}

export interface HttpPorts extends Omit<RoutePorts, 'open' | 'document' | 'isSecure'> {
  readonly identity: Identity
  /** A fresh random id, for requests that bring none. */
  readonly newId: () => string
  readonly logger: Logger
  /** Where the outside finds this server, without a slash at the end; https turns on HSTS. The listening URL unless told. */
  readonly publicUrl?: string
  readonly rateLimits?: RateLimits
  /** How long closing waits for requests in flight, in ms; 10,000 unless told. */
  readonly graceMs?: number
}
