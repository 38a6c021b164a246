import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createLogOutput, type WriteBytes } from '../../app/log-output.ts'

const output = suite('the output of the log')

type Done = Parameters<WriteBytes>[1]

/** An output that writes when the test says so. */
const held = (limit?: number) => {
  const calls: { readonly text: string; readonly done: Done }[] = []
  const log = createLogOutput((bytes, done) => calls.push({ text: bytes.toString(), done }), limit)
  return { calls, log }
}

output('lines that arrive while one is written are written together after it', () => {
  const { calls, log } = held()
  for (const line of ['a\n', 'b\n', 'c\n']) log.write(line)
  calls[0]?.done(null, 2)
  calls[1]?.done(null, 4)
  assert.equal(
    calls.map(({ text }) => text),
    ['a\n', 'b\nc\n'],
  )
  assert.is(log.lost(), 0)
})

output('a line that cannot be written is lost and counted, and the next one is tried', () => {
  const { calls, log } = held()
  for (const line of ['a\n', 'b\n', 'c\n']) log.write(line)
  calls[0]?.done(new Error('full'), 0)
  assert.is(log.lost(), 1)
  calls[1]?.done(new Error('full'), 0)
  assert.is(log.lost(), 3)
  log.write('d\n')
  calls[2]?.done(null, 2)
  assert.is(calls[2]?.text, 'd\n')
  assert.is(log.lost(), 3)
})

output('the rest of a line that was written in part follows; where it is lost, the next begins on a new line', () => {
  const { calls, log } = held()
  log.write('abcd\n')
  calls[0]?.done(null, 2)
  assert.is(calls[1]?.text, 'cd\n')
  calls[1]?.done(new Error('full'), 0)
  assert.is(log.lost(), 1)
  log.write('next\n')
  assert.is(calls[2]?.text, '\nnext\n')
  calls[2]?.done(null, 6)
  log.write('last\n')
  assert.is(calls[3]?.text, 'last\n')
})

output('a bounded number of bytes waits', () => {
  const { calls, log } = held(4)
  for (const line of ['a\n', 'b\n', 'c\n', 'd\n']) log.write(line)
  assert.is(log.lost(), 1)
  calls[0]?.done(null, 2)
  assert.is(calls[1]?.text, 'b\nc\n')
})

output('flushing waits for the last line, and for a bounded time', async () => {
  const { calls, log } = held()
  await log.flush(1_000_000)
  log.write('a\n')
  const flushed = log.flush(1_000_000)
  calls[0]?.done(null, 2)
  await flushed
  log.write('b\n')
  await log.flush(1)
  assert.is(log.lost(), 0)
})

output.run()
