import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { clientOf, type Answer, type Client } from '../support/client.ts'
import { demoClient } from '../support/demo.ts'
import { fixture, fixtures, padded, text } from '../support/fixtures.ts'
import { ledgerdesk, startServer, type RunningServer } from '../support/server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

/** A server in a process of its own, with the real log and a real folder. */
interface Context {
  server: RunningServer
  folder: ReturnType<typeof temporaryFolder>
  ann: Client
  bob: Client
  carla: Client
  sue: Client
  audit: Client
}

const files = suite<Context>('files over HTTP')

files.before(async (context) => {
  context.folder = temporaryFolder()
  context.server = await startServer(context.folder.path)
  const as = (name: string): Promise<Client> => demoClient(context.server, context.folder.path, name)
  context.ann = await as('Ann Archer')
  context.bob = await as('Bob Baker')
  context.carla = await as('Carla Costa')
  context.sue = await as('Sue Singh')
  context.audit = await as('Ada Adler')
})
files.after(async ({ server, folder }) => {
  await server.stop()
  folder.remove()
})

interface Listed {
  readonly id: string
  readonly name: string
  readonly mediaType: string
  readonly size: number
  readonly sha256: string
}

const listed = ({ body }: Answer): readonly Listed[] => (Array.isArray(body['files']) ? body['files'] : [])
const idsOf = (answer: Answer): readonly string[] => listed(answer).map(({ id }) => id)
const slugOf = ({ status, body }: Answer): string => `${status} ${String(body['type']).replace('/problems/', '')}`

const opened = async (client: Client, attachments: readonly string[]): Promise<string> => {
  const body = { subject: 'No picture', description: 'It is dark.', category: 'video-cdn', attachments }
  const answer = await client.post('/v1/tickets', body)
  assert.is(answer.status, 201, JSON.stringify(answer.body))
  return String(answer.body['id'])
}

const onDisk = ({ folder }: Context, state: string): readonly string[] => readdirSync(join(folder.path, 'files', state))

files(
  'a file of every kind: uploaded, sent, seen in the ticket, downloaded byte for byte',
  async ({ ann, sue, audit }) => {
    for (const [kind, { name, bytes }] of fixtures) {
      const answer = await ann.upload({ name, bytes })
      assert.is(answer.status, 201)
      const [file] = listed(answer)
      const id = await opened(ann, idsOf(answer))
      for (const reader of [ann, sue, audit]) {
        const { body } = await reader.get(`/v1/tickets/${id}`)
        const [attachment] = Array.isArray(body['attachments']) ? body['attachments'] : []
        assert.is(attachment.name, name)
        assert.is(attachment.mediaType, file?.mediaType)
        assert.is(attachment.size, bytes.length)
        assert.is(attachment.uploadedBy.id, 'ann')
        const download = await reader.fetch(`/v1/files/${file?.id}`)
        assert.is(download.status, 200, kind)
        assert.equal(new Uint8Array(await download.arrayBuffer()), bytes)
        assert.is(download.headers.get('content-type'), file?.mediaType)
      }
    }
  },
)

files('a download is sandboxed, whole or in part, and has a validator', async ({ ann }) => {
  const { bytes } = fixture('txt')
  const answer = await ann.upload({ name: 'Grüße, "Welt".txt', bytes })
  const [file] = listed(answer)
  assert.is(file?.name, 'Grüße, _Welt_.txt')
  await opened(ann, idsOf(answer))
  const path = `/v1/files/${file?.id}`
  const whole = await ann.fetch(path)
  assert.is(
    whole.headers.get('content-disposition'),
    `attachment; filename="Gr??e, _Welt_.txt"; filename*=UTF-8''Gr%C3%BC%C3%9Fe%2C%20_Welt_.txt`,
  )
  assert.is(whole.headers.get('content-security-policy'), "default-src 'none'; sandbox")
  assert.is(whole.headers.get('x-content-type-options'), 'nosniff')
  assert.is(whole.headers.get('cache-control'), 'private, no-store')
  assert.is(whole.headers.get('etag'), `"${file?.sha256}"`)
  assert.is(whole.headers.get('accept-ranges'), 'bytes')
  await whole.arrayBuffer()

  const head = await ann.fetch(path, {}, 'HEAD')
  assert.is(head.headers.get('content-length'), String(bytes.length))
  assert.is(await head.text(), '')
  const part = await ann.fetch(path, { range: 'bytes=2-5' })
  assert.is(part.status, 206)
  assert.is(part.headers.get('content-range'), `bytes 2-5/${bytes.length}`)
  assert.equal(new Uint8Array(await part.arrayBuffer()), bytes.slice(2, 6))
  const last = await ann.fetch(path, { range: 'bytes=-3' })
  assert.equal(new Uint8Array(await last.arrayBuffer()), bytes.slice(-3))
  const same = await ann.fetch(path, { 'if-none-match': `"${file?.sha256}"`, 'cache-control': 'max-age=0' })
  assert.is(same.status, 304)
  const changed = await ann.fetch(path, { range: 'bytes=2-5', 'if-range': '"another"' })
  assert.is(changed.status, 200)
  await changed.arrayBuffer()
  const beyond = await ann.fetch(path, { range: 'bytes=1000-' })
  assert.is(beyond.status, 416)
  assert.is(beyond.headers.get('content-range'), `bytes */${bytes.length}`)
  assert.match(await beyond.text(), /range-not-satisfiable/)
  assert.is(beyond.headers.get('etag'), null)
})

files('previews show images, texts, tables and pdf, and nothing else', async ({ ann }) => {
  const shown = {
    jpg: 'image/jpeg',
    png: 'image/png',
    gif: 'image/gif',
    pdf: 'application/pdf',
    txt: 'text/plain; charset=utf-8',
    csv: 'text/plain; charset=utf-8',
  }
  for (const [kind, { name, bytes }] of fixtures) {
    const answer = await ann.upload({ name, bytes })
    await opened(ann, idsOf(answer))
    const preview = await ann.fetch(`/v1/files/${idsOf(answer)[0]}/preview`)
    const type = Object.entries(shown).find(([each]) => each === kind)?.[1]
    assert.is(preview.status, type === undefined ? 415 : 200, kind)
    if (type !== undefined) {
      assert.is(preview.headers.get('content-type'), type)
      assert.match(preview.headers.get('content-disposition') ?? '', /^inline; filename=/)
      assert.is(preview.headers.get('content-security-policy'), "default-src 'none'; sandbox")
    }
    await preview.arrayBuffer()
  }
  const latin = await ann.upload({ name: 'a.csv', bytes: Uint8Array.from(Buffer.from('Stra\xdfe;1', 'latin1')) })
  await opened(ann, idsOf(latin))
  const preview = await ann.fetch(`/v1/files/${idsOf(latin)[0]}/preview`)
  assert.is(preview.headers.get('content-type'), 'text/plain; charset=windows-1252')
  await preview.arrayBuffer()
})

files(
  'a file can be read by those who may see its ticket, once a message names it, and by nobody else',
  async ({ ann, bob, carla, sue }) => {
    const answer = await ann.upload(fixture('png'))
    const [id] = idsOf(answer)
    for (const person of [ann, bob, carla, sue]) {
      assert.is(slugOf(await person.get(`/v1/files/${id}`)), '404 not-found')
    }
    // Not Bob's to send either, though it is the same account.
    const body = { subject: 'Mine', description: 'All mine.', category: 'billing', attachments: [id] }
    assert.is(slugOf(await bob.post('/v1/tickets', body)), '422 unknown-file')
    await opened(ann, [String(id)])
    assert.is((await bob.fetch(`/v1/files/${id}`, {}, 'HEAD')).status, 200)
    for (const path of [`/v1/files/${id}`, `/v1/files/${id}/preview`]) {
      const foreign = await carla.get(path)
      const missing = await carla.get(path.replace(String(id), 'f'.repeat(32)))
      assert.equal({ ...foreign.body, instance: '' }, { ...missing.body, instance: '' })
    }
  },
)

files('one message uses an upload, once; a refused one leaves it usable', async ({ ann, sue }) => {
  const ticket = await opened(ann, [])
  const [file] = idsOf(await ann.upload(fixture('gif')))
  await sue.post(`/v1/tickets/${ticket}/close`)
  const comment = { body: 'See', attachments: [file] }
  assert.is(slugOf(await ann.post(`/v1/tickets/${ticket}/comments`, comment)), '409 ticket-closed')
  assert.is((await ann.post(`/v1/tickets/${ticket}/reopen`, comment)).status, 200)
  assert.is(slugOf(await ann.post(`/v1/tickets/${ticket}/comments`, comment)), '422 unknown-file')
  const { body } = await ann.get(`/v1/tickets/${ticket}`)
  const [commented] = Array.isArray(body['comments']) ? body['comments'] : []
  assert.equal(
    commented.attachments.map(({ id }: Listed) => id),
    [file],
  )
})

files('two messages at once cannot both use a file; the same command repeated still has it', async ({ ann }) => {
  const [one, two] = [await opened(ann, []), await opened(ann, [])]
  const [file] = idsOf(await ann.upload(fixture('csv')))
  const send = ([ticket, key]: readonly [string, string]) =>
    ann.post(`/v1/tickets/${ticket}/comments`, { body: 'See', attachments: [file] }, { 'Idempotency-Key': key })
  const answers = await Promise.all([send([one, 'a']), send([two, 'b']), send([one, 'a'])])
  const statuses = answers.map(({ status }) => status)
  assert.ok(statuses.includes(201) && statuses.includes(422), String(statuses))
  assert.is((await send(statuses[1] === 201 ? [two, 'b'] : [one, 'a'])).status, 201)
})

files('one bad file refuses the whole form', async (context) => {
  const { ann } = context
  const before = onDisk(context, 'uploaded').length
  const good = fixture('png')
  for (const [bad, expected] of [
    [text('empty.txt', ''), '400 validation'],
    [text('con.txt', 'x'), '400 validation'],
    [text('x.svg', '<svg/>'), '415 file-type-not-allowed'],
    [{ ...fixture('pdf'), name: 'x.doc' }, '415 file-type-not-allowed'],
    [padded(fixture('txt'), 20 * 1_048_576 + 1), '413 file-too-large'],
    [padded(fixture('jpg'), 10 * 1_048_576 + 1), '413 file-too-large'],
  ] as const) {
    assert.is(slugOf(await ann.upload(good, bad, good)), expected, bad.name)
  }
  assert.is(slugOf(await ann.upload(...Array.from({ length: 11 }, () => good))), '422 too-many-files')
  assert.equal([onDisk(context, 'uploaded').length, onDisk(context, 'incoming')], [before, []])
  assert.is(idsOf(await ann.upload(...Array.from({ length: 10 }, () => good))).length, 10)
})

files('a body that is not a form of files is refused', async ({ ann }) => {
  const post = async (type: string | undefined, body: string): Promise<string> => {
    const response = await fetch(`${ann.url}/v1/files`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ann.token}`, ...(type === undefined ? {} : { 'content-type': type }) },
      body,
    })
    const { type: slug } = JSON.parse(await response.text())
    return `${response.status} ${slug.replace('/problems/', '')}`
  }
  const form = 'multipart/form-data; boundary=x'
  const part = (head: string, end = '\r\n--x--\r\n') =>
    `--x\r\nContent-Disposition: form-data; ${head}\r\n\r\nhello${end}`
  assert.is(await post('application/json', '{}'), '415 unsupported-media-type')
  assert.is(await post('multipart/form-data', ''), '415 unsupported-media-type')
  assert.is(await post('application/x-www-form-urlencoded', 'file=x'), '415 unsupported-media-type')
  for (const body of [
    '',
    '--x--\r\n',
    'nonsense',
    part('name="file"; filename="a.txt"', ''),
    part('name="file"; filename="a.txt"', '\r\n--x'),
    part('name="other"; filename="a.txt"'),
    part('name="file"'),
    part('name="file"; filename=""'),
  ]) {
    assert.is(await post(form, body), '400 validation', body)
  }
})

/** Sends up to 5 GB until the server responds; resolves with the status and the number of bytes sent. */
const flood = (ann: Client): Promise<{ readonly status: number; readonly sent: number }> =>
  new Promise((resolve, reject) => {
    const chunk = Buffer.alloc(65_536, 'a')
    let sent = 0
    let status = 0
    const sending = request(`${ann.url}/v1/files`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${ann.token}`,
        'content-type': 'multipart/form-data; boundary=x',
        'content-length': 5 * 2 ** 30,
      },
    })
    const more = (): void => {
      while (!sending.destroyed && sent < 5 * 2 ** 30) {
        sent += chunk.length
        if (!sending.write(chunk)) return
      }
    }
    sending.on('drain', more)
    sending.on('response', (response) => {
      status = response.statusCode ?? 0
      response.resume()
    })
    sending.on('error', (error) => (status === 0 ? reject(error) : undefined))
    sending.on('close', () => resolve({ status, sent }))
    sending.write('--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n')
    more()
  })

const memoryOf = (pid: number | undefined): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024

files('a body of 5 GB is refused early, costs little memory and leaves no file', async (context) => {
  const { ann, server } = context
  await flood(ann)
  const before = memoryOf(server.process.pid)
  const { status, sent } = await flood(ann)
  assert.is(status, 413)
  assert.ok(sent < 5 * 2 ** 30, `${sent} bytes were taken`)
  const grown = memoryOf(server.process.pid) - before
  console.log(`measured: ${Math.round(sent / 1_048_576)} MB of 5 GB went; the server grew by ${Math.round(grown)} MB`)
  assert.ok(grown < 64, `${grown} MB`)
  assert.equal(onDisk(context, 'incoming'), [])
})

files('an upload whose client disconnects leaves nothing', async (context) => {
  const { ann } = context
  const before = onDisk(context, 'uploaded').length
  await new Promise<void>((resolve) => {
    const headers = { authorization: `Bearer ${ann.token}`, 'content-type': 'multipart/form-data; boundary=x' }
    const sending = request(`${ann.url}/v1/files`, { method: 'POST', headers })
    sending.on('error', () => resolve())
    sending.write('--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhello', () => {
      void until(() => onDisk(context, 'incoming').length > 0).then(() => sending.destroy())
    })
  })
  await until(() => onDisk(context, 'incoming').length === 0)
  assert.is(onDisk(context, 'uploaded').length, before)
})

files('after kill -9 during uploads every acknowledged file is complete, and doctor confirms it', async (context) => {
  const { folder, ann } = context
  const acknowledged: string[] = []
  const ticket = await opened(ann, [])
  const uploading = Array.from({ length: 12 }, async () => {
    for (;;) {
      const answer = await ann.upload(padded(fixture('pdf'), 300_000)).catch(() => null)
      if (answer === null) return
      const [file] = idsOf(answer)
      const sent = await ann.post(`/v1/tickets/${ticket}/comments`, { attachments: [file] }).catch(() => null)
      if (sent === null) return
      if (sent.status === 201) acknowledged.push(String(file))
    }
  })
  await until(() => acknowledged.length >= 20)
  await context.server.kill()
  await Promise.all(uploading)
  context.server = await startServer(folder.path)
  const again = clientOf(context.server.url, ann.token)
  for (const file of acknowledged) {
    const download = await again.fetch(`/v1/files/${file}`)
    assert.is(download.status, 200)
    assert.is((await download.arrayBuffer()).byteLength, 300_000)
  }
  const healthy = await ledgerdesk(folder.path, 'doctor')
  assert.is(healthy.code, 0, healthy.stderr)
  const found = JSON.parse(healthy.stdout)
  assert.ok(found.files >= acknowledged.length)
  assert.equal([found.ok, found.flaws, found.orphans], [true, [], []])
})

files('doctor lists missing, altered and orphaned files', async ({ folder, server, ann: { token } }) => {
  const ann = clientOf(server.url, token)
  const [gone, bent] = idsOf(await ann.upload(fixture('pdf'), fixture('zip')))
  const ticket = await opened(ann, [String(gone), String(bent)])
  const kept = join(folder.path, 'files/kept')
  const [stray] = idsOf(await ann.upload(fixture('rar')))
  rmSync(join(kept, String(gone)), { recursive: true })
  const path = join(kept, String(bent), 'bytes')
  const bytes = readFileSync(path)
  bytes[20] = (bytes[20] ?? 0) ^ 1
  writeFileSync(path, bytes)
  const sick = await ledgerdesk(folder.path, 'doctor')
  assert.is(sick.code, 1)
  const found = JSON.parse(sick.stdout)
  assert.is(found.ok, false)
  assert.equal(found.flaws, [
    { id: gone, ticket, flaw: 'missing' },
    { id: bent, ticket, flaw: 'altered' },
  ])
  assert.not(found.orphans.includes(stray))
  assert.match(sick.stderr, /2 of \d+ attached files are missing or altered/)
})

files.run()
