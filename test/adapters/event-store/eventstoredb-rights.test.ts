import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openEventStoreDB, type ClusterStore } from '../../../adapters/event-store/eventstoredb/store.ts'
import { right } from '../../support/command-ports.ts'
import { write } from '../../support/event-builder.ts'
import { withClient } from '../../support/eventstoredb/place.ts'
import { onRealServer } from '../../support/eventstoredb/real.ts'
import { streamName } from '../../support/ids.ts'
import { skipHere } from '../../support/skips.ts'
import { until } from '../../support/until.ts'

const s = streamName('ticket-T-00000001')
const password = 'of-a-test-1'

/** The parts of a connection string of an administrator over TLS; null where the tests' server is another. */
const administered = (connectionString: string) => {
  const [, user, secret, host, options] = /^esdb:\/\/([^:@/]+):([^@/]+)@([^,/?]+)\?(.+)$/.exec(connectionString) ?? []
  const [, ca] = /tlsCAFile=([^&]+)/.exec(options ?? '') ?? []
  if (user === undefined || secret === undefined || host === undefined || ca === undefined) return null
  return { user, secret: decodeURIComponent(secret), host, options: options ?? '', ca: decodeURIComponent(ca) }
}

const admin = administered(onRealServer())

/** Makes a user of these groups; resolves with a connection string of it in `namespace`. */
const userOf = async (name: string, groups: readonly string[]): Promise<string> => {
  if (admin === null) throw new Error('the server of the tests has no administrator')
  const { user, secret, host, ca, options } = admin
  const login = `${name}${crypto.randomUUID().slice(0, 8)}`
  const body = JSON.stringify({ LoginName: login, FullName: login, Groups: groups, Password: password })
  const status = await new Promise<number>((resolve, reject) => {
    const headers = { 'Content-Type': 'application/json' }
    const post = { method: 'POST', headers, auth: `${user}:${secret}`, ca: readFileSync(ca) }
    const call = request(`https://${host}/users/`, post, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    call.on('error', reject).end(body)
  })
  assert.is(status, 201)
  return `esdb://${login}:${password}@${host}?${options}`
}

const reasonOf = (outcome: unknown): string => JSON.stringify(outcome)

/** What a candidate hears first: that it is elected, or why it cannot be. */
const candidacy = async (store: ClusterStore): Promise<string> => {
  const heard: string[] = []
  const { stop } = store.joinElection('mail', {
    onElected: () => heard.push('elected'),
    onLost: () => undefined,
    onError: (error) => heard.push(String(error)),
  })
  await until(() => heard.length > 0)
  await stop()
  return heard[0] ?? ''
}

const using = async <A>(connectionString: string, use: (store: ClusterStore) => Promise<A>): Promise<A> => {
  const store = openEventStoreDB({ connectionString })
  try {
    return await use(store)
  } finally {
    await store.close()
  }
}

const rights = suite('the rights of users of EventStoreDB')

rights('a wrong password is refused as such', async () => {
  const user = await userOf('wrong', [])
  await using(user.replace(password, 'another'), async (store) => {
    assert.match(reasonOf(await store.head()()), /refuses the user or the password/)
    assert.match(await candidacy(store), /refuses the user or the password/)
  })
})

rights('a user without groups writes streams, and needs $all and the subscription', async () => {
  const user = await userOf('plain', ['helpdesk'])
  await using(user, async (store) => {
    right(await write(store, s, 'a', '1'))
    assert.match(reasonOf(await store.head()()), /denies the user access to \$all/)
    assert.match(await candidacy(store), /may not create the persistent subscription .* \$ops once/)
  })
  // As an administrator prepares the cluster for such a user.
  await using(onRealServer().replace(/namespace=\w+/, /namespace=\w+/.exec(user)?.[0] ?? ''), async (store) => {
    assert.is(await candidacy(store), 'elected')
  })
  await withClient({ connectionString: onRealServer(), close: () => undefined }, async (client) => {
    await client.setStreamMetadata('$all', { acl: { readRoles: ['helpdesk', '$admins'] } })
    try {
      await using(user, async (store) => {
        const { position } = right(await write(store, s, 'b', '2'))
        assert.is(right(await store.head()()), position)
        assert.is(await candidacy(store), 'elected')
      })
    } finally {
      await client.setStreamMetadata('$all', {})
    }
  })
})

rights('a user of $ops creates the subscription', async () => {
  await using(await userOf('ops', ['$ops']), async (store) => assert.is(await candidacy(store), 'elected'))
})

if (admin === null) skipHere(import.meta.filename)
else rights.run()
