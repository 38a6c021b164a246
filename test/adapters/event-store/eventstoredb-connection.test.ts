import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  connectionStringError,
  withoutCredentials,
  withoutNamespace,
} from '../../../adapters/event-store/eventstoredb/connect.ts'

const connection = suite('a connection string of EventStoreDB')

connection('is accepted in every form that the client reads', () => {
  for (const text of [
    'esdb://localhost:2113?tls=false',
    'esdb://127.0.0.1',
    'esdb://ops:s%40cret@node1.example:2113',
    'esdb://ops:secret@a.example:2113,b.example:2113,c.example:2113?nodePreference=leader&gossipTimeout=2',
    'esdb://127.0.0.1?tls=false&namespace=log_2',
    'esdb+discover://ops:secret@cluster.example:2113?maxDiscoverAttempts=3&keepAliveInterval=10000',
  ]) {
    assert.is(connectionStringError(text), null, text)
  }
})

connection('is refused where the client would ignore a part, without quoting the password', () => {
  for (const [text, why] of [
    ['postgres://x', /must start with esdb/],
    ['esdb://', /must start with esdb/],
    ['esdb://ops:secret@localhost?tls=false', /names a user without TLS/],
    ['esdb://ops:secret@localhost?keepAliveInterval=-1', /keepAliveInterval/],
    ['esdb://ops:secret@localhost?tlsVerifyCert=false', /tlsverifycert/],
    ['esdb://ops:secret@localhost?throwOnAppendFailure=false', /throwonappendfailure/],
    ['esdb://ops:secret@localhost?namespace=$streams', /namespace of at most 50 letters/],
    ['esdb://ops:secret@localhost?namespace=a.b', /namespace of at most 50 letters/],
    ['esdb://localhost?tls=false?namespace=log2', /&key=value/],
    ['esdb://ops:secret@localhost:x', /port number/],
    ['esdb://ops:secret@localhost?tlsCAFile=/nowhere/ca.pem', /certificate/],
  ] as const) {
    const flaw = connectionStringError(text) ?? ''
    assert.match(flaw, why, text)
    assert.not.match(flaw, /secret/, text)
  }
})

connection('reaches the client without its namespace', () => {
  for (const [text, connectionString, namespace] of [
    [
      'esdb://a:1,b:2?tls=false&namespace=x&nodePreference=leader',
      'esdb://a:1,b:2?tls=false&nodePreference=leader',
      'x',
    ],
    ['esdb://a?nameSpace=x', 'esdb://a', 'x'],
    ['esdb://a?tls=false', 'esdb://a?tls=false', ''],
    ['esdb://a', 'esdb://a', ''],
  ] as const) {
    assert.equal(withoutNamespace(text), { connectionString, namespace }, text)
  }
})

connection('is shown without its user and password', () => {
  for (const [text, shown] of [
    ['esdb://ann:s%40c:ret@a:1,b:2?tlsCAFile=/x@y', 'esdb://a:1,b:2?tlsCAFile=/x@y'],
    ['esdb+discover://ann:pass@word@a', 'esdb+discover://a'],
    ['esdb://a?namespace=x', 'esdb://a?namespace=x'],
  ] as const) {
    assert.is(withoutCredentials(text), shown)
  }
})

connection.run()
