import { closeSync, openSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { spawnServer } from '../support/server.ts'
import { skipHere } from '../support/skips.ts'
import { smallDisk } from '../support/small-disk.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

/** Real servers whose log lines cannot be written. */
const lost = suite('a log that cannot be written')

const requestAtOnce = 50

/** Every request is answered and makes a line. */
const requestTimes = async (url: string, times: number): Promise<void> => {
  for (let n = 0; n < times; n += requestAtOnce) {
    const answers = Array.from({ length: requestAtOnce }, async () => {
      const response = await fetch(`${url}/healthz`, { headers: { 'X-Correlation-Id': 'x'.repeat(64) } })
      assert.is(response.status, 200)
      await response.arrayBuffer()
    })
    await Promise.all(answers)
  }
}

const linesLost = async (url: string): Promise<number> =>
  Number(/^ledgerdesk_log_lines_lost_total (\d+)/m.exec(await (await fetch(`${url}/metrics`)).text())?.[1])

const serves = async (stderr: number | 'unread', times: number, prepare = (): void => undefined): Promise<string> => {
  const folder = temporaryFolder()
  const server = await spawnServer(folder.path, { LOG_LEVEL: 'info' }, { stderr })
  const url = await server.serving
  prepare()
  if (stderr === 'unread' && times < 1_000) server.process.stderr?.destroy()
  await requestTimes(url, times)
  await until(async () => (await linesLost(url)) > 0)
  server.process.kill('SIGTERM')
  assert.is(await server.ended, 0)
  folder.remove()
  return url
}

lost('on a device that is full, the lines are lost and counted; the server serves, and ends when told', async () => {
  const full = openSync('/dev/full', 'w')
  await serves(full, 100)
  closeSync(full)
})

lost('to a pipe that nobody reads', async () => {
  await serves('unread', 8_000)
})

lost('to a pipe that was closed', async () => {
  await serves('unread', 100)
})

const disk = smallDisk(64)
if (disk === null) skipHere(import.meta.filename)
else {
  lost('on a full disk; when there is room again, lines are written again', async () => {
    const folder = temporaryFolder()
    const path = join(disk.path, 'log')
    const stderr = openSync(path, 'a')
    const server = await spawnServer(folder.path, { LOG_LEVEL: 'info' }, { stderr })
    const url = await server.serving
    disk.fill('filler')
    await requestTimes(url, 500)
    await until(async () => (await linesLost(url)) > 0)
    rmSync(join(disk.path, 'filler'))
    const before = await linesLost(url)
    await requestTimes(url, 50)
    server.process.kill('SIGTERM')
    assert.is(await server.ended, 0)
    const lines = readFileSync(path, 'utf8').trim().split('\n')
    assert.is(JSON.parse(lines.at(-1) ?? '').level, 30, `${before} lines were lost`)
    closeSync(stderr)
    folder.remove()
  })
  lost.after(() => disk.remove())
}

lost.run()
