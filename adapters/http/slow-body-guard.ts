import type { IncomingMessage } from 'node:http'

/** How long what follows a refusal is let by, so that a client that sends all before it reads still gets its answer. */
const lingerMs = 2_000
/** A body that brings less than `leastBytes` in a window of `windowMs` and is not over is cut off. */
const windowMs = 10_000
const leastBytes = 10_240

/** Reads no more of a body: what comes in the next moments is dropped unread, then the connection is. */
export const abandon = (request: IncomingMessage): void => {
  request.resume()
  const late = setTimeout(() => request.destroy(), lingerMs)
  request.once('end', () => clearTimeout(late)).once('close', () => clearTimeout(late))
}

/**
 * Cuts off who sends a body drop by drop (reliability, fact 11): a server's time for a whole request must allow for
 * large files on slow lines, so it is the pace that counts.
 */
export const keepPace = (request: IncomingMessage, window = windowMs): void => {
  const { socket } = request
  let before = socket.bytesRead
  const timer = setInterval(() => {
    const arrived = socket.bytesRead - before
    before = socket.bytesRead
    // What lies here unread is waiting for us, not for the client.
    if (arrived < leastBytes && request.readableLength === 0) request.destroy()
  }, window)
  const stop = (): void => clearInterval(timer)
  request.once('end', stop).once('close', stop)
}
