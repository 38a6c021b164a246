import type { ServerWritableStream } from '@grpc/grpc-js'
import streams from '@eventstore/db-client/generated/streams_pb.js'
import type { LogRecord } from './log.ts'
import type { Passage } from './passage.ts'
import { recorded } from './recorded.ts'

type Options = streams.ReadReq.Options
type Call = ServerWritableStream<streams.ReadReq, streams.ReadResp>

/** A filtered subscription sends a checkpoint after so many scanned records, times the caller's multiplier. */
const checkpointEvery = 32

const response = (record: LogRecord): streams.ReadResp =>
  new streams.ReadResp().setEvent(
    new streams.ReadResp.ReadEvent()
      .setEvent(recorded(new streams.ReadResp.ReadEvent.RecordedEvent(), record))
      .setCommitPosition(String(record.position)),
  )

export type Filter = (record: LogRecord) => boolean

const filterOf = (options: Options): Filter => {
  const filter = options.getFilter()
  if (filter === undefined) return () => true
  const byStream = filter.getStreamIdentifier()
  const expression = byStream ?? filter.getEventType()
  const prefixes = expression?.getPrefixList() ?? []
  const pattern = new RegExp(expression?.getRegex() ?? '')
  return (record) => {
    const name = byStream === undefined ? record.type : record.stream
    return prefixes.length > 0 ? prefixes.some((prefix) => name.startsWith(prefix)) : pattern.test(name)
  }
}

const backwards = (options: Options): boolean =>
  options.getReadDirection() === streams.ReadReq.Options.ReadDirection.BACKWARDS

const streamPage = (passage: Passage, options: Options): streams.ReadResp[] => {
  const asked = options.getStream()
  const identifier = asked?.getStreamIdentifier()
  const own = passage.log.stream(Buffer.from(identifier?.getStreamName_asU8() ?? []).toString())
  if (own.length === 0) {
    const notFound = new streams.ReadResp.StreamNotFound()
    return [new streams.ReadResp().setStreamNotFound(notFound.setStreamIdentifier(identifier))]
  }
  const from = asked?.hasStart() === true ? 0 : asked?.hasEnd() === true ? Infinity : Number(asked?.getRevision())
  const page = backwards(options)
    ? own.filter(({ revision }) => revision <= from).toReversed()
    : own.filter(({ revision }) => revision >= from)
  return page.slice(0, Number(options.getCount())).map(response)
}

const allPage = (passage: Passage, options: Options): streams.ReadResp[] => {
  const asked = options.getAll()
  const from = asked?.hasStart() === true ? 0n : BigInt(asked?.getPosition()?.getCommitPosition() ?? 0)
  const all = passage.log.all()
  const page = backwards(options)
    ? all.filter(({ position }) => asked?.hasEnd() === true || position < from).toReversed()
    : all.filter(({ position }) => asked?.hasEnd() !== true && position >= from)
  return page.filter(filterOf(options)).slice(0, Number(options.getCount())).map(response)
}

/** Resolves once the reader accepts more, or is gone. */
const sent = (call: Call, message: streams.ReadResp): Promise<void> | undefined => {
  if (call.write(message) || call.cancelled) return undefined
  return new Promise((resolve) => {
    const go = (): void => {
      call.off('drain', go).off('cancelled', go)
      resolve()
    }
    call.on('drain', go).on('cancelled', go)
  })
}

/** Events after a position, then new events as they are appended. */
const subscribe = async (passage: Passage, call: Call, options: Options): Promise<void> => {
  const asked = options.getAll()
  const isWanted = filterOf(options)
  const window = checkpointEvery * (options.getFilter()?.getCheckpointintervalmultiplier() ?? 0)
  const all = passage.log.all()
  const after = asked?.hasPosition() === true ? BigInt(asked.getPosition()?.getCommitPosition() ?? 0) : -1n
  let next = asked?.hasEnd() === true ? all.length : all.findIndex(({ position }) => position > after)
  if (next < 0) next = all.length
  let wake: () => void = () => undefined
  const silence = passage.log.onAppend(() => wake())
  call.once('cancelled', () => wake())
  call.write(
    new streams.ReadResp().setConfirmation(new streams.ReadResp.SubscriptionConfirmation().setSubscriptionId('s')),
  )
  let [caughtUp, looked] = [false, 0]
  while (!call.cancelled && !call.destroyed) {
    const record = all[next]
    if (record === undefined) {
      if (!caughtUp) await sent(call, new streams.ReadResp().setCaughtUp(new streams.ReadResp.CaughtUp()))
      caughtUp = true
      if (all.length === next) await new Promise<void>((resolve) => (wake = resolve))
      continue
    }
    next++
    looked++
    if (isWanted(record)) await sent(call, response(record))
    if (window > 0 && looked % window === 0) {
      const checkpoint = new streams.ReadResp.Checkpoint()
      checkpoint.setCommitPosition(String(record.position)).setPreparePosition(String(record.position))
      await sent(call, new streams.ReadResp().setCheckpoint(checkpoint))
    }
  }
  silence()
}

const page = async (call: Call, responses: readonly streams.ReadResp[]): Promise<void> => {
  for (const each of responses) await sent(call, each)
  call.end()
}

/** Reads of streams and of `$all` in both directions, and subscriptions to `$all`, with the server's filters. */
export const read =
  (passage: Passage) =>
  (call: Call): void => {
    const options = call.request.getOptions() ?? new streams.ReadReq.Options()
    const method = options.hasSubscription() ? 'subscribe' : options.hasStream() ? 'readStream' : 'readAll'
    void passage.through(
      method,
      call,
      (error) => call.emit('error', error),
      () => () => {
        if (method === 'subscribe') return void subscribe(passage, call, options)
        return void page(call, method === 'readStream' ? streamPage(passage, options) : allPage(passage, options))
      },
    )
  }
