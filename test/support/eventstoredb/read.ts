import { setTimeout as timeout } from 'node:timers/promises'
import type { ServerWritableStream, StatusObject } from '@grpc/grpc-js'
import streams from '@eventstore/db-client/generated/streams_pb.js'
import { handlerFailed, notARecord } from './faults.ts'
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

/** Does not keep the process of a test alive. */
const wait = (ms: number): Promise<void> => timeout(ms, undefined, { ref: false })

/** The index of the first record at or after a position. */
const firstFrom = (all: readonly LogRecord[], position: bigint): number => {
  let [low, high] = [0, all.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((all[middle]?.position ?? 0n) < position) low = middle + 1
    else high = middle
  }
  return low
}

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

/** How many records are passed over before a response. */
interface Found {
  readonly scanned: number
  readonly response: streams.ReadResp
}

/** The records of `$all`, each with how many were passed over since the last one; the rest at the end has no record. */
const allPage = (passage: Passage, options: Options): { readonly found: readonly Found[]; readonly rest: number } => {
  const asked = options.getAll()
  const from = asked?.hasStart() === true ? 0n : BigInt(asked?.getPosition()?.getCommitPosition() ?? 0)
  const all = passage.log.all()
  const isWanted = filterOf(options)
  const count = Number(options.getCount())
  const found: Found[] = []
  let scanned = 0
  const isFull = (record: LogRecord): boolean => {
    if (isWanted(record)) {
      found.push({ scanned, response: response(record) })
      scanned = 0
    } else scanned++
    return found.length >= count
  }
  if (backwards(options)) {
    const next = asked?.hasEnd() === true ? all.length : firstFrom(all, from)
    for (const record of all.slice(0, next).toReversed()) if (isFull(record)) return { found, rest: 0 }
  } else if (asked?.hasEnd() !== true) {
    for (const record of all.slice(firstFrom(all, from))) if (isFull(record)) return { found, rest: 0 }
  }
  return { found, rest: scanned }
}

/**
 * What the server answers where a read or subscription begins at no record: an error between two records; behind the end
 * nothing, but an error backwards.
 */
const wrongPosition = ({ log }: Passage, options: Options): StatusObject | null => {
  const position = options.getAll()?.getPosition()
  if (position === undefined) return null
  const at = BigInt(position.getCommitPosition())
  const isBehindEnd = at > (log.all().at(-1)?.position ?? 0n)
  if (!log.isBetween(at) && !(isBehindEnd && backwards(options))) return null
  return options.hasSubscription() ? handlerFailed() : notARecord(options.hasFilter())
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
  let next = asked?.hasEnd() === true ? all.length : firstFrom(all, after + 1n)
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
    else if (passage.faults.scanMs > 0 && looked % 1000 === 0) await wait(passage.faults.scanMs)
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

const scannedPage = async ({ faults }: Passage, call: Call, { found, rest }: ReturnType<typeof allPage>) => {
  const scan = (records: number) => wait(Math.round((records * faults.scanMs) / 1000))
  for (const { scanned, response: each } of found) {
    if (scanned > 0) await scan(scanned)
    await sent(call, each)
  }
  if (rest > 0) await scan(rest)
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
        const wrong = wrongPosition(passage, options)
        if (wrong !== null) return void call.emit('error', wrong)
        if (method === 'subscribe') return void subscribe(passage, call, options)
        if (method === 'readStream') return void page(call, streamPage(passage, options))
        return void scannedPage(passage, call, allPage(passage, options))
      },
    )
  }
