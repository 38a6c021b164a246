// A bare fastify with the same responses as `test/bench/servers/express.mjs`.
import { readFileSync } from 'node:fs'
import fastify from 'fastify'

const bytes = readFileSync(process.argv[2])
const app = fastify()
app.get('/*', (_request, reply) => reply.type('application/json').send(bytes))
app.post('/*', (request, reply) => reply.code(201).send({ id: request.body.subject }))
console.log(`listening on ${await app.listen({ port: 0, host: '127.0.0.1' })}`)
