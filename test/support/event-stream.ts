import { get, type IncomingMessage } from 'node:http'

/** A message of a stream of server-sent events. */
export interface Message {
  readonly id: string
  readonly event: string
  readonly data: Record<string, unknown>
}

export interface EventStream {
  readonly status: number | undefined
  readonly mediaType: string | undefined
  /** Every message so far. */
  readonly messages: readonly Message[]
  /** How many comment lines came; the server sends them so that no proxy closes an idle connection. */
  readonly heartbeats: () => number
  /** The id of the last message, for `Last-Event-ID`. */
  readonly lastId: () => string
  /** Resolves once the messages are `enough`; rejects when the stream ends first. */
  readonly until: (enough: (messages: readonly Message[]) => boolean) => Promise<void>
  /** Resolves when the stream has ended. */
  readonly ended: Promise<void>
  readonly close: () => void
}

const fieldsOf = (block: string): Map<string, string> =>
  new Map(
    block.split('\n').map((line) => {
      const [name = '', ...rest] = line.split(': ')
      return [name, rest.join(': ')]
    }),
  )

/** Opens `/v1/live` as a browser's EventSource does, but keeps every message and never reconnects. */
export const listen = async (
  url: string,
  headers: Readonly<Record<string, string>>,
  lastId?: string,
): Promise<EventStream> => {
  const request = get(`${url}/v1/live`, {
    agent: false,
    headers: { ...headers, ...(lastId === undefined ? {} : { 'Last-Event-ID': lastId }) },
  })
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve).once('error', reject)
  })
  request.on('error', () => undefined)
  const messages: Message[] = []
  const wakes = new Set<() => void>()
  let [beats, id, over] = [0, lastId ?? '', false]

  const take = (block: string): void => {
    const fields = fieldsOf(block)
    if (fields.has('')) beats += 1
    id = fields.get('id') ?? id
    const event = fields.get('event')
    if (event !== undefined) messages.push({ id, event, data: JSON.parse(fields.get('data') ?? '{}') })
  }
  const wake = (): void => {
    for (const each of wakes) each()
    wakes.clear()
  }
  const read = async (): Promise<void> => {
    let text = ''
    for await (const chunk of response.setEncoding('utf8')) {
      const blocks = `${text}${chunk}`.split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) take(block)
      wake()
    }
  }
  const ended = read()
    .catch(() => undefined)
    .finally(() => {
      over = true
      wake()
    })
  return {
    status: response.statusCode,
    mediaType: response.headers['content-type'],
    messages,
    heartbeats: () => beats,
    lastId: () => id,
    until: async (enough) => {
      while (!enough(messages)) {
        if (over) throw new Error(`the stream ended after ${JSON.stringify(messages)}`)
        await new Promise<void>((resolve) => wakes.add(resolve))
      }
    },
    ended,
    close: () => request.destroy(),
  }
}
