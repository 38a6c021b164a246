// Requests from this process to another's server.
import autocannon from 'autocannon'

/** Each connection asks for the paths in turn and starts at another one, so that no two ask for the same at once. */
export const fire = async ({ paths, ...options }) => {
  let connection = 0
  const setupClient = (client) => {
    const start = Math.floor((connection++ * paths.length) / options.connections)
    const turn = [...paths.slice(start), ...paths.slice(0, start)]
    client.setRequests(turn.map((path) => ({ path, method: options.method, body: options.body })))
  }
  const { requests, latency, non2xx, errors } = await autocannon({ ...options, setupClient })
  return { perSecond: requests.average, p99: latency.p99, failed: non2xx + errors }
}
