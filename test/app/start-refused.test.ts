import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ledgerdeskIn } from '../support/server.ts'
import { skipHere } from '../support/skips.ts'
import { smallDisk } from '../support/small-disk.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** Starts that the machine refuses end with one line that says what to do. */
const refused = suite('a refused start')

const startIn = (data: string) => ledgerdeskIn({ LEDGERDESK_DATA: data, PORT: '0', LOG_LEVEL: 'error' }, 'serve')

refused('on a folder that cannot be a data folder', async () => {
  const folder = temporaryFolder()
  mkdirSync(join(folder.path, 'log.db'))
  const { code, stdout, stderr } = await startIn(folder.path)
  assert.is(code, 1)
  assert.is(stdout, '')
  assert.match(stderr, /^ledgerdesk: [^\n]+log\.db[^\n]*\n$/)
  folder.remove()
})

const disk = smallDisk(4_096)
if (disk === null) skipHere(import.meta.filename)
else {
  refused('on a full disk', async () => {
    disk.fill('filler')
    const { code, stdout, stderr } = await startIn(join(disk.path, 'data'))
    assert.is(code, 1)
    assert.is(stdout, '')
    assert.match(stderr, /^ledgerdesk: LEDGERDESK_DATA: the disk of [^\n]+ is full[^\n]*; make room[^\n]*\n$/)
  })
  refused.after(() => disk.remove())
}

refused.run()
