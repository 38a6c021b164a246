// Requests from this process to another's server.
import autocannon from 'autocannon'

/** Each connection requests the paths one after another from a different start, so that no two request the same at once. */
export const fire = async ({ paths, ...options }) => {
  let connection = 0
  const setupClient = (client) => {
    const start = Math.floor((connection++ * paths.length) / options.connections)
    const rotated = [...paths.slice(start), ...paths.slice(0, start)]
    client.setRequests(rotated.map((path) => ({ path, method: options.method, body: options.body })))
  }
  const { requests, latency, non2xx, errors } = await autocannon({ ...options, setupClient })
  return { perSecond: requests.average, p99: latency.p99, failed: non2xx + errors }
}
