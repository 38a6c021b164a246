import type { Either } from 'fp-ts/lib/Either.js'
import type { Logger } from 'pino'
import type { Principal } from '../../domain/actor.ts'
import type { Commands } from '../../domain/commands.ts'
import type { Position } from '../../domain/event-log/envelope.ts'
import type { TicketId } from '../../domain/ids.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { ListedCategory } from '../../domain/ticket/category.ts'
import type { Helpdesk, Reporting } from '../../projections/registry.ts'
import type { ProjectionResponse, ReadinessResponse } from '../api/response-schemas.ts'
import type { FileStore } from '../files/store.ts'
import type { Identity } from '../identity/identity.ts'
import type { Provider } from '../identity/oidc/provider.ts'
import type { SignInRefused } from '../identity/oidc/sign-in.ts'
import type { Sessions } from '../identity/sessions.ts'
import type { UnsubscribeTokens } from '../mail/unsubscribe.ts'
import type { Forwarding } from './forwarding.ts'
import type { Pages } from './pages.ts'
import type { ReadableModels, Readers } from './readers.ts'
import type { Connection } from './sse/connection.ts'
import type { LiveEventId, LiveProgress } from './sse/event-id.ts'

/** The longest that the response to a query or a command waits for read models, in ms (docs/adr/0014-answers-wait-for-read-models.md). */
export const longestWaitMs = 2_000

/** A set of read models as the routes use it. */
export interface ReadModelPort<M> extends ReadableModels<M> {
  /** Resolves with true when they hold the position, with false after `ms` milliseconds without it. */
  readonly waitFor: (position: Position, ms: number) => Promise<boolean>
  readonly status: () => readonly ProjectionResponse[]
}

export interface Subscriber {
  readonly caller: Principal
  readonly connection: Connection
  /** Checked before every message: a token expires, and a role or an account may have changed. */
  readonly isStillSignedIn: () => Promise<boolean>
}

/** Live updates; `createBroadcaster` makes them (docs/adr/0029-live-updates.md). */
export interface LiveUpdates {
  /** False before the start, after the end, and while as many clients are connected as can be served. */
  readonly isOpen: () => boolean
  /**
   * Whether an id is of this log. After a move to another store, or to an older copy, it is not, and what the client missed
   * cannot be found from it. `unplaced`: it names a position at which no event stands. Null where the log cannot be read.
   */
  readonly standingOf: (id: LiveEventId) => Promise<'known' | 'other-log' | 'unplaced' | null>
  /** Sends everything behind `after`, or from now on, until either side ends it. */
  readonly connect: (subscriber: Subscriber, after: LiveProgress | null) => void
}

/** What is measured, and its text for Prometheus; `createMetrics` makes it. */
export interface HttpMetrics {
  /** The media type of `text`. */
  readonly contentType: string
  readonly text: () => Promise<string>
  /** The duration of each request, in seconds. */
  readonly requests: {
    readonly observe: (
      labels: { readonly method: string; readonly route: string; readonly status: number },
      seconds: number,
    ) => void
  }
}

/** The store of uploaded files; `openFileStore` makes it. */
export type FilePort = Pick<FileStore, 'take' | 'forget' | 'pathOf'>

/**
 * Makes a ticket's proof bundle: its history with a proof, as one JSON text (docs/proof-format.md). Bundles are made one
 * after another; `begin` runs when this one is next, and a bundle that it refuses is not made.
 */
export type Prove = (
  ticket: TicketId,
  begin: () => Promise<Either<Refusal, unknown>>,
) => Promise<Either<Refusal, string>>

/** What a server can do now, and why it cannot do more (docs/operations/states.md). */
export type ServerState = ReadinessResponse

/** What those routes receive that answer before the log is open. */
export interface EarlyPorts {
  readonly pages: Pages
  /** What `/metrics` of this port shows; null where it shows nothing. */
  readonly publicMetrics: HttpMetrics | null
  readonly state: () => ServerState
  readonly openApiDocument: () => OpenApiDocument
}

/** What the routes' handlers receive. */
export interface RoutePorts extends EarlyPorts {
  readonly commands: Commands
  readonly readModels: ReadModelPort<Helpdesk>
  /** The reports have read models of their own, which catch up separately. */
  readonly reports: ReadModelPort<Reporting>
  readonly files: FilePort
  readonly live: LiveUpdates
  /** Without them every query runs in this thread. */
  readonly readers?: Readers
  readonly prove: Prove
  readonly readUnsubscribe: UnsubscribeTokens['read']
  readonly sessions: Sessions
  /** Where people sign in; null for demo sign-in. */
  readonly provider: Provider | null
  /** Receives why a sign-in was refused. */
  readonly onSignInRefused: (refused: SignInRefused) => void
  /** The people whom the sign-in page offers; none without demo sign-in. */
  readonly demoPeople: readonly Principal[]
  /** Browsers reach this server by https. */
  readonly isSecure: boolean
  readonly categories: readonly ListedCategory[]
  /** The time, in ms since 1970. */
  readonly now: () => number
}

/** JSON of OpenAPI 3.1. */
export type OpenApiDocument = Readonly<Record<string, unknown>>

/** Requests a minute. */
export interface RateLimits {
  /** For one caller, by the token's subject. */
  readonly perCaller: number
  /** Sign-ins and failed authentications from one client address. */
  readonly perAddress: number
}

/** What the server needs from the start on. */
export interface ServerPorts extends Omit<EarlyPorts, 'openApiDocument'> {
  readonly metrics: HttpMetrics
  readonly forwarding: Forwarding
  /** A fresh random id, for requests without one. */
  readonly newId: () => string
  readonly logger: Logger
  /** The server's public URL without a slash at the end; https turns on HSTS. By default the listening URL. */
  readonly publicUrl?: string
  /** After which a connection on which nothing moves is closed, in ms; by default 60,000. */
  readonly idleMs?: number
}

/** What it needs to answer all requests. */
export interface HttpPorts extends Omit<RoutePorts, keyof EarlyPorts | 'isSecure'> {
  readonly identity: Identity
  readonly rateLimits?: RateLimits
}
