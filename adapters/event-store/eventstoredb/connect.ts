import { EventStoreDBClient } from '@eventstore/db-client'
import streamsService from '@eventstore/db-client/generated/streams_grpc_pb.js'

/** What the client reads of a connection string; of any other key it prints the whole string, password and all. */
const known = [
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

/** An option of ours, which the client never sees. */
const ownOption = 'namespace'

const flat = (key: string): string => key.trim().toLowerCase().replaceAll(/[_-]/g, '')

/** What stands before the first question mark, and the options behind it, as they are written. */
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
      return [flat(key), value.trim()]
    }),
  )

/**
 * A connection string without `namespace`, and what that says: under it several logs are kept apart on one cluster.
 * Empty where it says nothing.
 */
export const withoutNamespace = (text: string): { readonly connectionString: string; readonly namespace: string } => {
  const { hosts, pairs } = partsOf(text)
  const others = pairs.filter((pair) => flat(pair.split('=')[0] ?? '') !== ownOption)
  return {
    connectionString: [hosts, others.join('&')].filter((part) => part !== '').join('?'),
    namespace: optionsOf(text).get(ownOption) ?? '',
  }
}

/**
 * Why a connection string must not be used, or null. What the client would take and then ignore is refused here:
 * a password without TLS is never sent, `tlsVerifyCert` has no effect, and without keep-alive a frozen connection
 * would never be noticed. The string itself is not repeated: it may hold a password.
 */
export const flawOf = (text: string): string | null => {
  const options = optionsOf(text)
  if (!/^esdb(\+discover)?:\/\/[^?]/.test(text)) return 'must start with esdb:// or esdb+discover:// and name a host'
  const stranger = [...options.keys()].find((key) => key !== ownOption && !known.map(flat).includes(key))
  if (stranger !== undefined)
    return `has an option "${stranger}" that is not one of ${[...known, ownOption].join(', ')}`
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

/** `defaultDeadline`: ms for one call; undefined where the string does not say. */
export const callDeadline = (text: string): number | undefined => {
  const said = Number(optionsOf(text).get('defaultdeadline'))
  return said > 0 ? said : undefined
}

/**
 * A client that neither asks the server for its features nor appends through BatchAppend. Both were read in 6.2.1 and
 * seen to hang: the features are asked for without a deadline and a failure is kept for the client's life; BatchAppend
 * shares one stream that need never answer, and a late answer to a call that was given up throws inside the client
 * (`promiseBank` in batchAppend.js) and would end the process. Append has a deadline and an answer of its own.
 * What else the client asks about is in every server since 21.10.
 *
 * And nobody waits for its `handleError`, which rejects where a call fails while the next connection cannot be found:
 * that too was seen to end the process. The call's own error is told either way.
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
