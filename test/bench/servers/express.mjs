// A bare Express 5: responds to every GET with a file's bytes, and to every POST with a field of the parsed JSON body.
import { readFileSync } from 'node:fs'
import express from 'express'

const bytes = readFileSync(process.argv[2])
const app = express()
app.get('/{*path}', (_request, response) => response.type('application/json').send(bytes))
app.post('/{*path}', express.json(), (request, response) => response.status(201).json({ id: request.body.subject }))
const server = app.listen(0, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${server.address().port}`))
