import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Either } from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import type { Role } from '../../domain/actor.ts'
import { decode } from '../../domain/codec.ts'
import type { Principal } from '../../domain/actor.ts'
import { readJsonBody } from './body.ts'
import type { RoutePorts } from './ports.ts'
import type { Refused, Slug } from './problems.ts'
import { noQuery, readQuery, type QueryCodec } from './query.ts'

/**
 * Who may call: anyone at all, the named roles, or an operator (anyone on this machine, else a service). A customer's
 * 403 on somebody else's ticket becomes a 404: to them it is not there.
 */
export type Access = 'anyone' | 'operator' | readonly Role[]

/** A call after its sign-in, before anything of it was decoded. */
export interface Incoming {
  /** Null only where anyone may call. */
  readonly caller: Principal | null
  readonly request: IncomingMessage
  /** The parts of the path in braces, decoded. */
  readonly params: Readonly<Record<string, string>>
  /** What stands behind the `?`, as it came. */
  readonly search: string
  /** The form that the caller prefers, of the route's. */
  readonly mediaType: string
  readonly correlationId: string
  /** Whether the same caller would still be let in. */
  readonly isStillSignedIn: () => Promise<boolean>
}

/** An answer in bytes; its status is its route's. */
export interface Reply {
  readonly mediaType: string
  readonly content: string | Uint8Array
  readonly headers?: Readonly<Record<string, string>>
}

/** An answer that lies in a file. Parts of it may be asked for, and whether it is still the one that the caller has. */
export interface FileReply {
  readonly mediaType: string
  readonly path: string
  /** In bytes. */
  readonly size: number
  readonly headers: Readonly<Record<string, string>>
}

/** An answer that goes on until either side ends it. */
export interface Streamed {
  readonly mediaType: string
  readonly headers?: Readonly<Record<string, string>>
  /** Called once the head is out; it ends the response. */
  readonly stream: (response: ServerResponse) => void
}

type Answering = Promise<Either<Refused, Reply | FileReply | Streamed>>

/** One operation, as the server registers it, the tests walk it and the OpenAPI document tells it. */
export interface Route {
  readonly method: 'get' | 'post' | 'put' | 'delete'
  /** As OpenAPI writes it: `/v1/tickets/{id}`. */
  readonly path: string
  readonly operationId: string
  readonly summary: string
  readonly tag: Tag
  readonly access: Access
  /** The path names a ticket, of which the caller may not know. */
  readonly aboutTicket: boolean
  /** A codec for JSON, `files` for a multipart form of them. */
  readonly body: { readonly codec: t.Mixed; readonly mayBeEmpty: boolean } | 'files' | null
  readonly query: t.Props
  readonly status: 200 | 201
  /** The first is what a caller gets who does not care. A form without a codec is no JSON. */
  readonly forms: readonly { readonly mediaType: string; readonly codec: t.Mixed | null }[]
  /** Headers of a good answer beyond those of every answer. */
  readonly answerHeaders: readonly AnswerHeader[]
  /** Problems of its own, beyond those that follow from its access, body and path. */
  readonly problems: readonly Slug[]
  /** Left out of the OpenAPI document: parts of a page. */
  readonly unlisted: boolean
  readonly answer: (ports: RoutePorts, incoming: Incoming) => Answering
}

export type Tag = 'sessions' | 'pages' | 'commands' | 'queries' | 'reports' | 'operations' | 'documentation'
export type AnswerHeader = 'ETag' | 'Ledger-Position' | 'Location' | 'Content-Disposition' | 'Accept-Ranges'

interface Common {
  readonly path: string
  readonly operationId: string
  readonly summary: string
  readonly problems?: readonly Slug[]
}

/** What every signed-in handler is given. */
export interface Asked {
  readonly caller: Principal
  readonly param: (name: string) => string
  readonly mediaType: string
  readonly correlationId: string
  readonly request: IncomingMessage
  readonly isStillSignedIn: () => Promise<boolean>
}

export const json = 'application/json'

/** JSON with its headers. */
export const jsonReply = (value: unknown, headers: Readonly<Record<string, string>> = {}): Reply => ({
  mediaType: json,
  content: JSON.stringify(value),
  headers,
})

const aboutTicket = (path: string): boolean => path.startsWith('/v1/tickets/{id}')

const askedOf = (incoming: Incoming): Asked => {
  if (incoming.caller === null) throw new Error('a route for signed-in callers was reached without one')
  const { params, mediaType, correlationId, request, caller, isStillSignedIn } = incoming
  return { caller, param: (name) => params[name] ?? '', mediaType, correlationId, request, isStillSignedIn }
}

/** A command: decodes its JSON body, then does it. */
export const command = <B>(
  spec: Common & {
    readonly may: readonly Role[]
    readonly method?: 'post' | 'put'
    readonly body: t.Type<B, unknown, unknown>
    readonly mayBeEmpty?: boolean
    readonly status?: 200 | 201
    readonly answers: t.Mixed
    readonly answerHeaders: readonly AnswerHeader[]
    readonly handle: (ports: RoutePorts, asked: Asked, body: B) => Answering
  },
): Route => {
  const body = { codec: spec.body, mayBeEmpty: spec.mayBeEmpty ?? false }
  return {
    ...spec,
    method: spec.method ?? 'post',
    tag: 'commands',
    access: spec.may,
    aboutTicket: aboutTicket(spec.path),
    body,
    query: {},
    status: spec.status ?? 200,
    forms: [{ mediaType: json, codec: spec.answers }],
    problems: spec.problems ?? [],
    unlisted: false,
    answer: async (ports, incoming) => {
      const query = readQuery(noQuery, incoming.search)
      if (query._tag === 'Left') return query
      const read = await readJsonBody(incoming.request, body)
      if (read._tag === 'Left') return read
      const decoded = decode(spec.body)(read.right)
      if (decoded._tag === 'Left') return { _tag: 'Left', left: { tag: 'Invalid', errors: decoded.left } }
      return spec.handle(ports, askedOf(incoming), decoded.right)
    },
  }
}

/** Files sent as a multipart form. */
export const upload = (
  spec: Common & {
    readonly may: readonly Role[]
    readonly answers: t.Mixed
    readonly handle: (ports: RoutePorts, asked: Asked) => Answering
  },
): Route => ({
  ...spec,
  method: 'post',
  tag: 'commands',
  access: spec.may,
  aboutTicket: false,
  body: 'files',
  query: {},
  status: 201,
  forms: [{ mediaType: json, codec: spec.answers }],
  answerHeaders: [],
  problems: spec.problems ?? [],
  unlisted: false,
  answer: async (ports, incoming) => {
    const query = readQuery(noQuery, incoming.search)
    return query._tag === 'Left' ? query : spec.handle(ports, askedOf(incoming))
  },
})

/** A query by somebody signed in: decodes what stands behind the `?`, then answers. */
export const query = <Q extends t.Props>(
  spec: Common & {
    readonly may: readonly Role[]
    readonly tag?: Tag
    readonly query: QueryCodec<Q>
    readonly forms: Route['forms']
    readonly answerHeaders?: readonly AnswerHeader[]
    readonly handle: (ports: RoutePorts, asked: Asked, query: t.TypeOf<QueryCodec<Q>>) => Answering
  },
): Route => ({
  ...spec,
  method: 'get',
  tag: spec.tag ?? 'queries',
  access: spec.may,
  aboutTicket: aboutTicket(spec.path),
  body: null,
  query: spec.query.props,
  status: 200,
  answerHeaders: spec.answerHeaders ?? [],
  problems: spec.problems ?? [],
  unlisted: false,
  answer: async (ports, incoming) => {
    const asked = readQuery(spec.query, incoming.search)
    return asked._tag === 'Left' ? asked : spec.handle(ports, askedOf(incoming), asked.right)
  },
})

/** What the operations have in common for which nobody has to be known. */
export const forAnyone = {
  access: 'anyone',
  aboutTicket: false,
  body: null,
  query: {},
  status: 200,
  answerHeaders: [],
} as const

/** A page or a probe that needs no token, or only an operator's. */
export const page = (
  spec: Common & {
    readonly tag: Tag
    readonly access: 'anyone' | 'operator'
    readonly forms: Route['forms']
    readonly unlisted?: boolean
    readonly handle: (ports: RoutePorts, param: (name: string) => string) => Answering
  },
): Route => ({
  ...forAnyone,
  ...spec,
  method: 'get',
  problems: spec.problems ?? [],
  unlisted: spec.unlisted ?? false,
  answer: async (ports, incoming) => {
    const asked = readQuery(noQuery, incoming.search)
    return asked._tag === 'Left' ? asked : spec.handle(ports, (name) => incoming.params[name] ?? '')
  },
})
