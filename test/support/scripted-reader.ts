/** A reader thread that does what the order's `search` says, for tests of the pool. */
import { parentPort } from 'node:worker_threads'
import type { ReaderRequest, ReaderResult } from '../../app/readers/reader-thread.ts'

const resultOf = ({ order }: ReaderRequest): ReaderResult => {
  switch (order.search) {
    case 'forever':
      for (;;);
    case 'throw':
      throw new Error('the thread breaks')
    case 'unreadable':
      return { tag: 'unreadable' }
    case 'failed':
      return { tag: 'failed', reason: 'a bug' }
    case 'refused':
      return { tag: 'refused', refused: { tag: 'NotFound' } }
    default:
      return { tag: 'replied', reply: { mediaType: 'text/plain', content: order.search } }
  }
}

const started: ReaderResult = { tag: 'started' }
parentPort?.postMessage(started, [])
parentPort?.on('message', (request: ReaderRequest) => parentPort?.postMessage(resultOf(request), []))
