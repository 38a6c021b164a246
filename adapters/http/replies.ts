import type { ServerResponse } from 'node:http'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { Refused } from './problems.ts'

/** A reply in bytes. */
export interface Reply {
  /** Its route's, unless given. */
  readonly status?: number
  readonly mediaType: string
  readonly content: string | Uint8Array
  readonly headers?: Readonly<Record<string, string>>
}

/** A reply whose content is a file, with ranges and conditional requests. */
export interface FileReply {
  readonly mediaType: string
  readonly path: string
  /** In bytes. */
  readonly size: number
  readonly headers: Readonly<Record<string, string>>
}

/** A reply that sends the browser to another address (303). */
export interface RedirectReply {
  readonly redirect: string
  readonly cookies: readonly string[]
}

/** A reply that goes on until either side ends it. */
export interface StreamReply {
  readonly mediaType: string
  readonly headers?: Readonly<Record<string, string>>
  /** Called once the head is sent; it ends the response. */
  readonly stream: (response: ServerResponse) => void
}

/** A reply in JSON. A route that states the codec of its response compiles only with values of that type. */
export interface JsonReply<A> {
  /** Its route's, unless given. */
  readonly status?: number
  readonly json: A
  readonly headers: Readonly<Record<string, string>>
}

export type AnyReply = Reply | FileReply | StreamReply | RedirectReply | JsonReply<unknown>
export type Handled<R extends AnyReply = AnyReply> = TE.TaskEither<Refused, R>
