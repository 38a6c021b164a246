import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Receipt } from '../../domain/commands.ts'
import { demoToken } from '../support/demo.ts'
import { ledgerdesk, startServer } from '../support/server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** Kills; a burst of commands is running at each. */
const rounds = 50
const burst = 12

const crash = suite('kill -9 in a burst of commands')

crash(`${rounds} rounds lose no acknowledged event and duplicate none`, async () => {
  const folder = temporaryFolder()
  const acknowledged = new Map<string, Receipt>()
  const sent = new Set<string>()
  try {
    const token = await demoToken(folder.path, 'Ann Archer')
    const open = async (url: string, key: string): Promise<unknown> => {
      sent.add(key)
      const response = await fetch(`${url}/v1/tickets`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': key },
        body: JSON.stringify({ subject: `Ticket ${key}`, description: 'x', category: 'other' }),
      })
      const answer: Receipt = JSON.parse(await response.text())
      if (response.status === 201) acknowledged.set(key, answer)
      return answer
    }
    for (let round = 0; round < rounds; round++) {
      const server = await startServer(folder.path)
      const calls = Array.from({ length: burst }, (_, n) => open(server.url, `${round}/${n}`).catch(() => undefined))
      // Kills after a different number of responses in each round.
      let answered = 0
      await new Promise<void>((resolve) => {
        for (const call of calls) void call.then(() => ++answered > round % burst && resolve())
      })
      await server.kill()
      await Promise.all(calls)
    }
    const server = await startServer(folder.path)
    const before = new Map(acknowledged)
    assert.ok(before.size >= rounds, `only ${before.size} acknowledged`)
    // Every key again: acknowledged commands get the same result, the others are decided now; each is one ticket.
    for (const key of sent) await open(server.url, key)
    for (const [key, answer] of before) assert.equal(acknowledged.get(key), answer)
    assert.is(acknowledged.size, sent.size)
    const list = await fetch(`${server.url}/v1/tickets?limit=1`, { headers: { authorization: `Bearer ${token}` } })
    const listed: { readonly total: number } = JSON.parse(await list.text())
    assert.is(listed.total, sent.size)
    assert.is(await server.stop(), 0)
    const lines = (await ledgerdesk(folder.path, 'export')).stdout.trim().split('\n')
    const subjects = lines
      .map((line) => JSON.parse(line))
      .filter(({ type }) => type === 'Opened')
      .map(({ data }) => data.subject)
    assert.is(subjects.length, sent.size)
    assert.is(new Set(subjects).size, sent.size)
    const positions = lines.map((line) => Number(JSON.parse(line).position))
    assert.equal(
      positions,
      positions.map((_, index) => index + 1),
      'positions have no gap',
    )
    console.log(`measured: ${before.size} of ${sent.size} commands acknowledged before the kills`)
  } finally {
    folder.remove()
  }
})

crash.run()
