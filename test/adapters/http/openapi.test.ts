import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inspect, promisify } from 'node:util'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import * as t from 'io-ts'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openApi } from '../../../adapters/http/openapi.ts'
import { routes } from '../../../adapters/http/routes/table.ts'
import { toSchema } from '../../../adapters/http/schema.ts'
import { goodBody } from '../../support/good-bodies.ts'
import { acmeTicket, startHttp } from '../../support/http-server.ts'

const document = suite('the OpenAPI document')
const url = 'https://desk.example'

document('is the same each time', () => {
  assert.is(JSON.stringify(openApi(routes, url)), JSON.stringify(openApi(routes, url)))
})

document('names every listed route once', () => {
  const { paths } = openApi(routes, url) as { paths: Record<string, Record<string, { operationId: string }>> }
  const described = Object.values(paths).flatMap((operations) =>
    Object.values(operations).map((each) => each.operationId),
  )
  const listed = routes.filter(({ unlisted }) => !unlisted).map(({ operationId }) => operationId)
  assert.equal(described.toSorted(), listed.toSorted())
  assert.is(new Set(described).size, described.length)
})

document('declares every tag of a listed route, each once', () => {
  const { tags } = openApi(routes, url) as { tags: readonly { name: string }[] }
  const used = new Set(routes.filter(({ unlisted }) => !unlisted).map(({ tag }) => tag))
  assert.equal(tags.map(({ name }) => name).toSorted(), [...used].toSorted())
})

document('passes the linter of Redocly', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ledgerdesk-openapi-'))
  writeFileSync(join(folder, 'openapi.json'), JSON.stringify(openApi(routes, url)))
  writeFileSync(join(folder, 'redocly.yaml'), 'extends: [recommended-strict]\n')
  const bin = join(dirname(fileURLToPath(import.meta.resolve('@redocly/cli/package.json'))), 'bin/cli.js')
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' }
  const run = promisify(execFile)(process.execPath, [resolve(bin), 'lint', 'openapi.json'], { cwd: folder, env })
  const outcome = await run.then(
    () => '',
    (error: unknown) => inspect(error),
  )
  rmSync(folder, { recursive: true })
  assert.is(outcome, '')
})

document('an unknown codec is an error, however deep', () => {
  const own = new t.Type('own', t.string.is, t.string.validate, t.identity)
  assert.throws(() => toSchema(own), /the codec own has no JSON Schema/)
  assert.throws(() => toSchema(t.array(t.partial({ a: t.union([t.null, own]) }))), /the codec own/)
})

document('an intersection is one object that takes no further field', () => {
  const codec = t.intersection([t.strict({ a: t.string }), t.partial({ b: t.literal(5) })])
  assert.equal(toSchema(codec), {
    type: 'object',
    properties: { a: { type: 'string' }, b: { const: 5 } },
    required: ['a'],
    additionalProperties: false,
  })
})

interface Answer {
  readonly content?: Readonly<Record<string, { readonly schema: { readonly $ref?: string } }>>
}
interface Operation {
  readonly responses: Readonly<Record<string, Answer>>
}

/** Checks a response against the document, by its operation, status and media type. */
const validator = (api: Record<string, unknown>) => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  ajv.addSchema(api, 'api')
  const { paths } = api as { paths: Record<string, Record<string, Operation>> }
  return async (path: string, method: string, response: Response): Promise<void> => {
    const what = `${method} ${path} ${response.status}`
    const media = response.headers.get('Content-Type')?.split(';')[0] ?? ''
    const form = paths[path]?.[method]?.responses[response.status]?.content?.[media]
    assert.ok(form, `${what} ${media} is documented`)
    if (!media.endsWith('json')) return
    const pointer = [path, method, 'responses', String(response.status), 'content', media, 'schema']
      .map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')))
      .join('/')
    const check: ValidateFunction | undefined = ajv.getSchema(`api#/paths/${pointer}`)
    assert.ok(check, what)
    const remedy = 'name the member in the codec of this response, in adapters/api or the module of the route'
    assert.ok(check?.(await response.json()), `${what}: ${remedy}: ${JSON.stringify(check?.errors)}`)
  }
}

document('describes every response of the server', async () => {
  const http = await startHttp()
  const api = (await (await http.get('/openapi.json', null)).json()) as Record<string, unknown>
  assert.equal(api['servers'], [{ url: http.url }])
  const check = validator(api)
  for (const route of routes.filter(({ unlisted }) => !unlisted)) {
    for (const who of ['sue', 'ann', 'ira', 'robot', null]) {
      const path = route.path.replace('{id}', acmeTicket).replace('{slug}', 'forbidden').replace('{name}', 'volume')
      const headers = { 'Ledger-Position': '5000' }
      const answers =
        route.method === 'get'
          ? [http.get(path, who), http.get(path, who, headers), http.get(`${path}?no=1`, who)]
          : [
              http[route.method](path, who, route.body === 'files' ? {} : goodBody(route.operationId)),
              http[route.method](path, who, { no: 1 }),
              http[route.method](path, who, '{'),
            ]
      for (const response of await Promise.all(answers)) await check(route.path, route.method, response)
    }
  }
  await http.close()
})

document.run()
