import type { ClientReadableStream } from '@grpc/grpc-js'
import type { EventStoreDBClient } from '@eventstore/db-client'
import shared from '@eventstore/db-client/generated/shared_pb.js'
import streams from '@eventstore/db-client/generated/streams_pb.js'
import streamsService from '@eventstore/db-client/generated/streams_grpc_pb.js'
import type { StoredEvent } from '../../../domain/event-log/event-store.ts'
import { positionOf, start, type Position } from '../../../domain/event-log/envelope.ts'
import { storedEvent } from './event.ts'
import type { StreamNames } from './names.ts'

const { ReadReq } = streams
const { BACKWARDS, FORWARDS } = ReadReq.Options.ReadDirection

/** Where a record stands in `$all`. The two are equal for every record that this program writes. */
export interface Place {
  readonly commit: Position
  readonly prepare: Position
}

/** The place of an event of the log. */
export const placeOf = (position: Position): Place => ({ commit: position, prepare: position })

/** `$all` forwards from a place, inclusive; with null, backwards from its end. */
export interface LogPage {
  readonly from: Place | null
  readonly limit: number
  /** Only streams with one of these prefixes; all records where it is empty. */
  readonly prefixes: readonly string[]
}

/** A record of `$all`, of the log or of another program. */
export interface LogRecord {
  readonly place: Place
  readonly id: string
  readonly recorded: streams.ReadResp.ReadEvent.RecordedEvent
}

const request = ({ from, limit, prefixes }: LogPage): streams.ReadReq => {
  const all = new ReadReq.Options.AllOptions()
  if (from === null) all.setEnd(new shared.Empty())
  else if (from.commit === start) all.setStart(new shared.Empty())
  else {
    all.setPosition(new ReadReq.Options.Position().setCommitPosition(from.commit).setPreparePosition(from.prepare))
  }
  const options = new ReadReq.Options()
    .setAll(all)
    .setReadDirection(from === null ? BACKWARDS : FORWARDS)
    .setCount(String(limit))
    .setUuidOption(new ReadReq.Options.UUIDOption().setString(new shared.Empty()))
  if (prefixes.length === 0) options.setNoFilter(new shared.Empty())
  else {
    const byName = new ReadReq.Options.FilterOptions.Expression().setPrefixList([...prefixes])
    options.setFilter(new ReadReq.Options.FilterOptions().setStreamIdentifier(byName).setCount(new shared.Empty()))
  }
  return new ReadReq().setOptions(options)
}

const utf8 = (bytes: Uint8Array): string => Buffer.from(bytes).toString()

const json = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(utf8(bytes))
  } catch {
    return null
  }
}

const recordOf = (response: streams.ReadResp): LogRecord | null => {
  const recorded = response.getEvent()?.getEvent()
  if (recorded === undefined) return null
  const [commit, prepare] = [recorded.getCommitPosition(), recorded.getPreparePosition()]
  return {
    place: { commit: positionOf(BigInt(commit)), prepare: positionOf(BigInt(prepare)) },
    id: recorded.getId()?.getString() ?? '',
    recorded,
  }
}

/** The event of a record of the log. */
export const eventOf = ({ fromCluster }: StreamNames, { place, id, recorded }: LogRecord): StoredEvent =>
  storedEvent({
    id,
    stream: fromCluster(utf8(recorded.getStreamIdentifier()?.getStreamName_asU8() ?? new Uint8Array())),
    type: recorded.getMetadataMap().get('type') ?? '',
    revision: BigInt(recorded.getStreamRevision()),
    commit: BigInt(place.commit),
    data: json(recorded.getData_asU8()),
    metadata: json(recorded.getCustomMetadata_asU8()),
  })

/**
 * The records of a call, up to and with the one at `until`. The call is cancelled there, where `signal` is aborted, and
 * with the last record of the page: the server would look for one more, however far that is.
 */
const collect = (
  call: ClientReadableStream<streams.ReadResp>,
  limit: number,
  until: Position | null,
  signal: AbortSignal,
): Promise<LogRecord[]> =>
  new Promise((resolve, reject) => {
    const records: LogRecord[] = []
    const abort = (): void => {
      reject(new Error('the read was given up'))
      call.cancel()
    }
    const settled = (): void => signal.removeEventListener('abort', abort)
    signal.addEventListener('abort', abort)
    if (signal.aborted) abort()
    call.on('data', (response: streams.ReadResp) => {
      const record = recordOf(response)
      if (record === null) return
      records.push(record)
      if (records.length < limit && record.place.commit !== until) return
      settled()
      resolve(records)
      call.cancel()
    })
    call.on('error', (error) => {
      settled()
      reject(error)
    })
    call.on('end', () => {
      settled()
      resolve(records)
    })
  })

/**
 * A page of `$all`, filtered by the server. The client's `readAll` takes no filter, but the protocol does in both
 * directions (`Streams.Read`, in the server since 20.6): the request is built from the client's generated definitions.
 * Reads from the leader, since followers lag. It has no deadline: a filtered read scans everything that does not match,
 * and answers nothing meanwhile; `signal` ends it.
 */
export const readAll = async (
  client: EventStoreDBClient,
  page: LogPage,
  signal: AbortSignal,
  until: Position | null = null,
): Promise<LogRecord[]> => {
  const open = client['GRPCStreamCreator'](streamsService.StreamsClient, 'readAll', (grpc) =>
    grpc.read(request(page), ...client['callArguments']({ requiresLeader: true }, { deadline: Infinity })),
  )
  return collect(await open(), page.limit, until, signal)
}
