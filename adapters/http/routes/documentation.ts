import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as TE from 'fp-ts/lib/TaskEither.js'
import * as t from 'io-ts'
import { htmlPage } from '../pages.ts'
import { problemKinds, type Slug } from '../problems.ts'
import type { EarlyPorts } from '../ports.ts'
import { json, jsonReply, page, type Route } from '../route.ts'

/** It needs no sign-in: it describes the API and holds no data. */
const document = page({
  path: '/openapi.json',
  operationId: 'getOpenApi',
  summary: 'This document',
  tag: 'documentation',
  access: 'anyone',
  representations: [{ mediaType: json, codec: t.UnknownRecord }],
  handle: ({ openApiDocument }) => TE.right(jsonReply(openApiDocument())),
})

/** Only this server's own scripts and styles: requests that are tried on this page carry tokens. */
const docsPolicy = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
}

const docsPage = htmlPage(
  'Ledgerdesk API',
  '<link rel="stylesheet" href="/docs/swagger-ui.css">',
  '<div id="swagger-ui"></div><script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script>',
)

const docs = page({
  path: '/docs',
  operationId: 'getDocs',
  summary: 'A page to read this document and try it',
  tag: 'documentation',
  access: 'anyone',
  representations: [{ mediaType: 'text/html', codec: null }],
  handle: () => TE.right({ mediaType: 'text/html; charset=utf-8', content: docsPage, headers: docsPolicy }),
})

const startScript = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#swagger-ui', validatorUrl: null, deepLinking: true })\n`

const swaggerFolder = (): string => dirname(fileURLToPath(import.meta.resolve('swagger-ui-dist/package.json')))

const mediaTypes: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'start.js': 'text/javascript; charset=utf-8',
}

const docsPart = page({
  path: '/docs/{part}',
  operationId: 'getDocsPart',
  summary: 'A part of the page',
  tag: 'documentation',
  access: 'anyone',
  representations: [
    { mediaType: 'text/javascript', codec: null },
    { mediaType: 'text/css', codec: null },
  ],
  unlisted: true,
  handle: (_ports, { param }) => {
    const part = param('part')
    const mediaType = Object.hasOwn(mediaTypes, part) ? mediaTypes[part] : undefined
    if (mediaType === undefined) return TE.left({ tag: 'NotFound' })
    return TE.fromTask(async () => ({
      mediaType,
      content: part === 'start.js' ? startScript : await readFile(join(swaggerFolder(), part)),
      headers: { 'Cache-Control': 'public, max-age=3600' },
    }))
  },
})

const isSlug = (text: string): text is Slug => Object.hasOwn(problemKinds, text)

/** The page that the `type` of a problem names. */
const problem = page({
  path: '/problems/{slug}',
  operationId: 'getProblem',
  summary: 'What a problem means',
  tag: 'documentation',
  access: 'anyone',
  representations: [{ mediaType: 'text/html', codec: null }],
  problems: ['not-found'],
  handle: (_ports, { param }) => {
    const slug = param('slug')
    if (!isSlug(slug)) return TE.left({ tag: 'NotFound' })
    const { status, title } = problemKinds[slug]
    const content = htmlPage(
      title,
      '',
      `<h1>${title}</h1><p>Status ${status}. The answer's own detail says what to do.</p>`,
    )
    return TE.right({ mediaType: 'text/html; charset=utf-8', content })
  },
})

export const documentationRoutes: readonly Route<EarlyPorts>[] = [document, docs, docsPart, problem]
