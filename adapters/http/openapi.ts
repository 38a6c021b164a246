import type { SchemaPart } from '../../domain/codec.ts'
import { mostFiles } from '../../domain/files/kinds.ts'
import { ProblemResponse } from '../api/response-schemas.ts'
import { longestWaitMs, type OpenApiDocument } from './ports.ts'
import { problemKinds, type Slug } from './problems.ts'
import { idempotencyKey, ifMatch, ledgerPosition, type RequestHeader } from './request-parameters.ts'
import { isQuery, tags, type ResponseHeader, type Route } from './route.ts'
import { toSchema, type Components } from './schema.ts'

/**
 * The OpenAPI 3.1 document, made from the route table and its codecs, so that it cannot differ from what the server
 * does. The same routes give the same bytes.
 */
const text = { type: 'string' }

const responseHeaders: Readonly<Record<ResponseHeader, SchemaPart>> = {
  ETag: { description: "The ticket's version, or the file's SHA-256, in double quotes", schema: text },
  'Ledger-Position': { description: 'The position of the log after this', schema: text },
  Location: { description: 'Where the ticket is', schema: text },
  'Content-Disposition': { description: 'The name of the file', schema: text },
  'Accept-Ranges': { description: 'Parts may be requested by `Range`', schema: text },
}

const filesForm = {
  type: 'object',
  required: ['file'],
  properties: {
    file: { type: 'array', minItems: 1, maxItems: mostFiles, items: { type: 'string', format: 'binary' } },
  },
}

const headerParameter = ({ name, pattern }: RequestHeader<unknown>, description: string): SchemaPart => ({
  name,
  in: 'header',
  description,
  schema: { type: 'string', pattern: pattern.source },
})

const idempotencyKeyParameter = headerParameter(
  idempotencyKey,
  'Any text, new for each command: repeated with it, the command answers as the first time and adds nothing',
)
const ifMatchParameter = headerParameter(ifMatch, "The ticket's current version, in double quotes")
const ledgerPositionParameter = headerParameter(
  ledgerPosition,
  `Waits ${longestWaitMs / 1_000} s at most until the read models hold this position`,
)

const parametersOf = (route: Route, components: Components): SchemaPart[] => [
  ...[...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: text })),
  ...Object.entries(route.query).map(([name, codec]) => ({ name, in: 'query', schema: toSchema(codec, components) })),
  ...(route.hasIdempotencyKey ? [idempotencyKeyParameter] : []),
  ...(route.hasIdempotencyKey && route.aboutTicket ? [ifMatchParameter] : []),
  ...(isQuery(route) ? [ledgerPositionParameter] : []),
]

/** A route's own problems, and those that follow from its access, body and path. */
const problemsOf = (route: Route): readonly Slug[] => {
  const signedIn: readonly Slug[] =
    route.access === 'anyone' ? [] : ['unauthenticated', 'forbidden', 'rate-limited', 'validation']
  const reading: readonly Slug[] = isQuery(route) ? ['not-ready'] : []
  const writing: readonly Slug[] =
    route.body === null
      ? []
      : route.body === 'files'
        ? ['unsupported-media-type']
        : ['malformed-json', 'validation', 'body-too-large', 'unsupported-media-type']
  const ticket: readonly Slug[] = route.aboutTicket ? ['not-found'] : []
  const all: readonly Slug[] = ['validation', 'not-acceptable', 'internal']
  return [...new Set([...signedIn, ...reading, ...writing, ...ticket, ...all, ...route.problems])]
}

const problemResponses = (route: Route, components: Components): Readonly<Record<string, SchemaPart>> => {
  const byStatus = Map.groupBy(problemsOf(route), (slug) => String(problemKinds[slug].status))
  return Object.fromEntries(
    [...byStatus].map(([status, slugs]) => [
      status,
      {
        description: slugs.map((slug) => `\`${slug}\`: ${problemKinds[slug].title}`).join('; '),
        content: { 'application/problem+json': { schema: toSchema(ProblemResponse, components) } },
      },
    ]),
  )
}

const otherResponses = ({ otherReplies }: Route, components: Components): Readonly<Record<string, SchemaPart>> =>
  Object.fromEntries(
    otherReplies.map(({ status, description, codec }) => [
      status,
      { description, content: { 'application/json': { schema: toSchema(codec, components) } } },
    ]),
  )

const requestBodyOf = (body: NonNullable<Route['body']>, components: Components): SchemaPart =>
  body === 'files'
    ? { required: true, content: { 'multipart/form-data': { schema: filesForm } } }
    : { required: !body.mayBeEmpty, content: { 'application/json': { schema: toSchema(body.codec, components) } } }

const operationOf = (route: Route, components: Components): SchemaPart => {
  const headers = Object.fromEntries(route.responseHeaders.map((name) => [name, responseHeaders[name]]))
  const success = {
    description: route.status === 201 ? 'Done' : 'The answer',
    ...(route.responseHeaders.length === 0 ? {} : { headers }),
    content: Object.fromEntries(
      route.representations.map(({ mediaType, codec }) => [
        mediaType,
        { schema: codec === null ? text : toSchema(codec, components) },
      ]),
    ),
  }
  return {
    operationId: route.operationId,
    summary: route.summary,
    tags: [route.tag],
    security: route.access === 'anyone' ? [] : [{ token: [] }],
    ...(route.access !== 'anyone' ? { description: `For: ${route.access.join(', ')}.` } : {}),
    parameters: parametersOf(route, components),
    ...(route.body === null ? {} : { requestBody: requestBodyOf(route.body, components) }),
    responses: {
      [route.status]: success,
      ...problemResponses(route, components),
      ...otherResponses(route, components),
    },
  }
}

/** @throws Error where a route's codec has no schema. */
export const openApi = (routes: readonly Route[], publicUrl: string): OpenApiDocument => {
  const components: Components = new Map()
  const paths: Record<string, Record<string, SchemaPart>> = {}
  const listed = routes.filter(({ unlisted }) => !unlisted)
  for (const route of listed) {
    paths[route.path] = { ...paths[route.path], [route.method]: operationOf(route, components) }
  }
  const schemas: Record<string, SchemaPart> = {}
  // Writing out a component adds those that it refers to, which the iteration then reaches.
  for (const [name, codec] of components) schemas[name] = toSchema(codec, components, true)
  return {
    openapi: '3.1.0',
    info: {
      title: 'Ledgerdesk',
      version: '1',
      summary: 'A helpdesk whose every fact is an event in an append-only log',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: publicUrl }],
    tags: Object.entries(tags)
      .filter(([name]) => listed.some(({ tag }) => tag === name))
      .map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas,
      securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  }
}
