import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ServerCredentials } from '@grpc/grpc-js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openEventStoreDB } from '../../../adapters/event-store/eventstoredb/store.ts'
import { refused, right } from '../../support/command-ports.ts'
import { bodiesOf, write } from '../../support/event-builder.ts'
import { startStandIn } from '../../support/eventstoredb/stand-in.ts'
import { streamName } from '../../support/ids.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { skipHere } from '../../support/skips.ts'

const s = streamName('ticket-T-00000001')

/** A self-signed certificate for localhost, and its key. */
const certificate = (folder: string) => {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const words = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost'.split(' ')
  const made = spawnSync('openssl', [...words, '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', cert])
  return made.status === 0 ? { key, cert } : null
}

const tls = suite('EventStoreDB over TLS')

if (spawnSync('openssl', ['version']).status === 0) {
  tls('sends the password, and only where the certificate is trusted', async () => {
    const folder = temporaryFolder()
    const files = certificate(folder.path)
    if (files === null) throw new Error('openssl made no certificate')
    const pair = { private_key: readFileSync(files.key), cert_chain: readFileSync(files.cert) }
    const standIn = await startStandIn(1, ServerCredentials.createSsl(null, [pair]))
    const at = `localhost:${standIn.addresses[0]?.port}`
    const trusting = openEventStoreDB({
      connectionString: `esdb://ledgerdesk:s%40cret@${at}?tlsCAFile=${encodeURIComponent(files.cert)}`,
    })
    const wary = openEventStoreDB({ connectionString: `esdb://ledgerdesk:s%40cret@${at}?defaultDeadline=500` })
    try {
      right(await write(trusting, s, 'a', '1'))
      assert.equal(bodiesOf(right(await trusting.readStream(s)())), ['1'])
      assert.equal([...standIn.users], [`Basic ${Buffer.from('ledgerdesk:s@cret').toString('base64')}`])
      assert.is(refused(await wary.readStream(s)()), 'StoreUnavailable')
    } finally {
      await trusting.close()
      await wary.close()
      standIn.close()
      folder.remove()
    }
  })
} else skipHere(import.meta.filename)

tls.run()
