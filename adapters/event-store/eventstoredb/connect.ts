import { EventStoreDBClient } from '@eventstore/db-client'
import streamsService from '@eventstore/db-client/generated/streams_grpc_pb.js'

/** The options that the client knows. For any other it logs the whole connection string with its password. */
const clientOptions = [
  'userCertFile',
  'userKeyFile',
  'maxDiscoverAttempts',
  'connectionName',
  'defaultDeadline',
  'discoveryInterval',
  'gossipTimeout',
  'nodePreference',
  'tls',
  'tlsCAFile',
  'keepAliveInterval',
  'keepAliveTimeout',
]

/** An option of Ledgerdesk, which is removed before the client sees the string. */
const ownOption = 'namespace'

const normalized = (key: string): string => key.trim().toLowerCase().replaceAll(/[_-]/g, '')

/** The text before the first question mark, and the options behind it as they are written. */
const partsOf = (text: string): { readonly hosts: string; readonly pairs: readonly string[] } => {
  const [hosts = '', ...rest] = text.split('?')
  return {
    hosts,
    pairs: rest
      .join('?')
      .split('&')
      .filter((pair) => pair !== ''),
  }
}

const optionsOf = (text: string): ReadonlyMap<string, string> =>
  new Map(
    partsOf(text).pairs.map((pair) => {
      const [key = '', value = ''] = pair.split('=')
      return [normalized(key), value.trim()]
    }),
  )

/** Separates the option `namespace` (empty where it is not given) from the rest of a connection string. */
export const withoutNamespace = (text: string): { readonly connectionString: string; readonly namespace: string } => {
  const { hosts, pairs } = partsOf(text)
  const others = pairs.filter((pair) => normalized(pair.split('=')[0] ?? '') !== ownOption)
  return {
    connectionString: [hosts, others.join('&')].filter((part) => part !== '').join('?'),
    namespace: optionsOf(text).get(ownOption) ?? '',
  }
}

/** A connection string without its user and password. */
export const withoutCredentials = (text: string): string => text.replace(/^([^/]+:\/\/)[^/?]*@/, '$1')

/** The hosts and the namespace: equal for connection strings of one log with other options. */
export const clusterOf = (text: string): string => {
  const { connectionString, namespace } = withoutNamespace(withoutCredentials(text))
  const hosts = connectionString.replace(/^[^/]+:\/\//, '').replace(/[/?].*$/, '')
  return JSON.stringify([hosts.toLowerCase().split(',').toSorted(), namespace])
}

/**
 * Why a connection string must not be used, as a predicate ("must start with …"), or null. Refuses what the client would
 * accept and ignore: it never sends a password without TLS, `tlsVerifyCert` has no effect, and without keep-alive a
 * frozen connection goes unnoticed. The string is not quoted, since it may hold a password.
 */
export const connectionStringError = (text: string): string | null => {
  const options = optionsOf(text)
  if (!/^esdb(\+discover)?:\/\/[^?]/.test(text)) return 'must start with esdb:// or esdb+discover:// and name a host'
  const unknownOption = [...options.keys()].find(
    (key) => key !== ownOption && !clientOptions.map(normalized).includes(key),
  )
  if (unknownOption !== undefined)
    return `has an option "${unknownOption}" that is not one of ${[...clientOptions, ownOption].join(', ')}`
  if (options.get('tls') === 'false' && /^[^/]+\/\/[^/?]*@/.test(text)) {
    return 'names a user without TLS, where no password would be sent: leave out one of the two'
  }
  if (!/^([a-z][a-z\d_]{0,49})?$/i.test(options.get(ownOption) ?? '')) {
    return 'must have a namespace of at most 50 letters, digits and underscores, the first a letter'
  }
  if (options.get('keepaliveinterval')?.startsWith('-') === true) return 'must keep keepAliveInterval on'
  try {
    EventStoreDBClient.connectionString(withoutNamespace(text).connectionString)
    return null
  } catch (error) {
    const expected = typeof error === 'object' && error !== null && 'expected' in error ? String(error.expected) : ''
    return expected === '' ? `cannot be used: ${String(error)}` : `cannot be read: expected ${expected}`
  }
}

/** The option `defaultDeadline`: ms for one call; undefined where it is not given. */
export const callDeadline = (text: string): number | undefined => {
  const ms = Number(optionsOf(text).get('defaultdeadline'))
  return ms > 0 ? ms : undefined
}

/**
 * A client with three of its methods replaced, since 6.2.1 was seen to hang or to end the process:
 * - it asks the server for its features without a deadline and keeps a failure for its lifetime: `supports` answers
 *   instead (all features used here are in every server since 21.10);
 * - its BatchAppend shares one stream that may never answer, and a late answer to an abandoned call throws inside the
 *   client (`promiseBank` in batchAppend.js): it is reported as unsupported, so that the election's one event goes by
 *   Append, which has a deadline. The log's events go by `append-channel.ts`;
 * - `handleError`, which nothing awaits, rejects where the next connection cannot be found: the rejection is dropped, and
 *   the call still fails with its own error.
 */
export const connect = (connectionString: string): EventStoreDBClient => {
  const client = EventStoreDBClient.connectionString(connectionString)
  const handleError = client['handleError']
  client['handleError'] = async (grpc, error) => {
    await handleError(grpc, error).catch(() => undefined)
  }
  client['supports'] = (method) => Promise.resolve(method.path !== streamsService.StreamsService.batchAppend.path)
  return client
}
