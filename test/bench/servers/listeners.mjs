// Opens a live stream for each token of a file, reads and drops what arrives, and prints a line once all are open.
import { readFileSync } from 'node:fs'
import { Agent, get } from 'node:http'

const [url, file] = process.argv.slice(2)
const agent = new Agent({ keepAlive: true, maxSockets: Infinity })
const tokens = JSON.parse(readFileSync(file, 'utf8'))

const listen = (token) =>
  new Promise((resolve, reject) => {
    const request = get(`${url}/v1/live`, { agent, headers: { authorization: `Bearer ${token}` } }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`a stream was refused with ${response.statusCode}`))
      response.once('data', resolve)
      response.once('end', () => process.exit(1))
      response.resume()
    })
    request.once('error', reject)
  })

for (let n = 0; n < tokens.length; n += 50) await Promise.all(tokens.slice(n, n + 50).map(listen))
console.log(`listening on ${tokens.length} streams`)
