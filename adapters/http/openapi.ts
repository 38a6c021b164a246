import type { SchemaPart } from '../../domain/codec.ts'
import { mostFiles } from '../../domain/files/kinds.ts'
import { responseSchemas } from '../api/response-schemas.ts'
import type { OpenApiDocument } from './ports.ts'
import { problemKinds, type Slug } from './problems.ts'
import type { ResponseHeader, Route } from './route.ts'
import { toSchema, type Names } from './schema.ts'

/**
 * The OpenAPI 3.1 document, made from the route table and its codecs, so that it cannot differ from what the server
 * does. The same routes give the same bytes.
 */
const names: Names = new Map(Object.entries(responseSchemas).map(([name, codec]) => [codec, name]))

const text = { type: 'string' }

const responseHeaders: Readonly<Record<ResponseHeader, SchemaPart>> = {
  ETag: { description: "The ticket's version, or the file's SHA-256, in double quotes", schema: text },
  'Ledger-Position': { description: 'Where the log stands after this', schema: text },
  Location: { description: 'Where the ticket is', schema: text },
  'Content-Disposition': { description: 'The name of the file', schema: text },
  'Accept-Ranges': { description: 'Parts may be asked for by `Range`', schema: text },
}

const filesForm = {
  type: 'object',
  required: ['file'],
  properties: {
    file: { type: 'array', minItems: 1, maxItems: mostFiles, items: { type: 'string', format: 'binary' } },
  },
}

const header = (name: string, description: string, schema: SchemaPart): SchemaPart => ({
  name,
  in: 'header',
  description,
  schema,
})

const idempotencyKey = header(
  'Idempotency-Key',
  'Any text, new for each command: repeated with it, the command answers as the first time and adds nothing',
  { type: 'string', minLength: 1, maxLength: 200 },
)
const ifMatch = header('If-Match', 'The version that the ticket must still stand at, in double quotes', {
  type: 'string',
  pattern: '^(\\*|"[0-9]{1,15}")$',
})
const ledgerPosition = header('Ledger-Position', 'Waits 2 s at most until the read models hold this position', {
  type: 'string',
  pattern: '^[0-9]{1,20}$',
})

const isReceipt = (route: Route): boolean =>
  route.representations.some(({ codec }) => codec === responseSchemas.Receipt)

const parametersOf = (route: Route): SchemaPart[] => [
  ...[...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: text })),
  ...Object.entries(route.query).map(([name, codec]) => ({ name, in: 'query', schema: toSchema(codec, names) })),
  ...(isReceipt(route) ? [idempotencyKey] : []),
  ...(isReceipt(route) && route.aboutTicket ? [ifMatch] : []),
  ...(route.method === 'get' && Array.isArray(route.access) ? [ledgerPosition] : []),
]

/** A route's own problems, and those that follow from its access, body and path. */
const problemsOf = (route: Route): readonly Slug[] => {
  const signedIn: readonly Slug[] =
    route.access === 'anyone' ? [] : ['unauthenticated', 'forbidden', 'rate-limited', 'validation']
  const reading: readonly Slug[] = route.method === 'get' && Array.isArray(route.access) ? ['not-ready'] : []
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

const problemResponses = (route: Route): Readonly<Record<string, SchemaPart>> => {
  const byStatus = Map.groupBy(problemsOf(route), (slug) => String(problemKinds[slug].status))
  return Object.fromEntries(
    [...byStatus].map(([status, slugs]) => [
      status,
      {
        description: slugs.map((slug) => `\`${slug}\`: ${problemKinds[slug].title}`).join('; '),
        content: { 'application/problem+json': { schema: toSchema(responseSchemas.Problem, names) } },
      },
    ]),
  )
}

const requestBodyOf = (body: NonNullable<Route['body']>): SchemaPart =>
  body === 'files'
    ? { required: true, content: { 'multipart/form-data': { schema: filesForm } } }
    : { required: !body.mayBeEmpty, content: { 'application/json': { schema: toSchema(body.codec, names) } } }

const operationOf = (route: Route): SchemaPart => {
  const headers = Object.fromEntries(route.responseHeaders.map((name) => [name, responseHeaders[name]]))
  const success = {
    description: route.status === 201 ? 'Done' : 'The answer',
    ...(route.responseHeaders.length === 0 ? {} : { headers }),
    content: Object.fromEntries(
      route.representations.map(({ mediaType, codec }) => [
        mediaType,
        { schema: codec === null ? text : toSchema(codec, names) },
      ]),
    ),
  }
  return {
    operationId: route.operationId,
    summary: route.summary,
    tags: [route.tag],
    security: route.access === 'anyone' ? [] : route.access === 'operator' ? [{}, { token: [] }] : [{ token: [] }],
    ...(Array.isArray(route.access) ? { description: `For: ${route.access.join(', ')}.` } : {}),
    parameters: parametersOf(route),
    ...(route.body === null ? {} : { requestBody: requestBodyOf(route.body) }),
    responses: { [route.status]: success, ...problemResponses(route) },
  }
}

/** @throws Error where a route's codec has no schema. */
export const openApi = (routes: readonly Route[], publicUrl: string): OpenApiDocument => {
  const paths: Record<string, Record<string, SchemaPart>> = {}
  for (const route of routes) {
    if (!route.unlisted) paths[route.path] = { ...paths[route.path], [route.method]: operationOf(route) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Ledgerdesk',
      version: '1',
      summary: 'A helpdesk whose every fact is an event in an append-only log',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: publicUrl }],
    tags: [
      { name: 'commands', description: 'What changes a ticket' },
      { name: 'queries', description: 'What reads tickets' },
      { name: 'operations', description: 'How the server fares' },
      { name: 'documentation', description: 'What is possible' },
    ],
    paths,
    components: {
      schemas: Object.fromEntries(
        Object.entries(responseSchemas).map(([name, codec]) => [name, toSchema(codec, names, true)]),
      ),
      securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  }
}
