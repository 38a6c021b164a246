import type { ClientReadableStream } from '@grpc/grpc-js'
import type { EventStoreDBClient } from '@eventstore/db-client'
import shared from '@eventstore/db-client/generated/shared_pb.js'
import streams from '@eventstore/db-client/generated/streams_pb.js'
import streamsService from '@eventstore/db-client/generated/streams_grpc_pb.js'
import type { StoredEvent } from '../../../domain/event-log/event-store.ts'
import { start, type Position } from '../../../domain/event-log/envelope.ts'
import { storedEvent } from './event.ts'
import type { StreamNames } from './names.ts'
import { DeadlineExceeded } from './failures.ts'

const { ReadReq } = streams
const { BACKWARDS, FORWARDS } = ReadReq.Options.ReadDirection

/** `$all` forwards from a position, inclusive; with null, backwards from its end. */
export interface LogPage {
  readonly from: Position | null
  readonly limit: number
}

const request = ({ prefixes }: StreamNames, { from, limit }: LogPage): streams.ReadReq => {
  const all = new ReadReq.Options.AllOptions()
  if (from === null) all.setEnd(new shared.Empty())
  else if (from === start) all.setStart(new shared.Empty())
  else all.setPosition(new ReadReq.Options.Position().setCommitPosition(from).setPreparePosition(from))
  const filter = new ReadReq.Options.FilterOptions()
    .setStreamIdentifier(new ReadReq.Options.FilterOptions.Expression().setPrefixList([...prefixes]))
    .setCount(new shared.Empty())
  return new ReadReq().setOptions(
    new ReadReq.Options()
      .setAll(all)
      .setReadDirection(from === null ? BACKWARDS : FORWARDS)
      .setCount(String(limit))
      .setFilter(filter)
      .setUuidOption(new ReadReq.Options.UUIDOption().setString(new shared.Empty())),
  )
}

const utf8 = (bytes: Uint8Array): string => Buffer.from(bytes).toString()

const json = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(utf8(bytes))
  } catch {
    return null
  }
}

const eventOf = ({ fromCluster }: StreamNames, response: streams.ReadResp): StoredEvent | null => {
  const event = response.getEvent()?.getEvent()
  if (event === undefined) return null
  return storedEvent({
    id: event.getId()?.getString() ?? '',
    stream: fromCluster(utf8(event.getStreamIdentifier()?.getStreamName_asU8() ?? new Uint8Array())),
    type: event.getMetadataMap().get('type') ?? '',
    revision: BigInt(event.getStreamRevision()),
    commit: BigInt(event.getCommitPosition()),
    data: json(event.getData_asU8()),
    metadata: json(event.getCustomMetadata_asU8()),
  })
}

/** All events of a call; after `ms` it is cancelled and rejected. */
const collect = (
  names: StreamNames,
  call: ClientReadableStream<streams.ReadResp>,
  ms: number,
): Promise<StoredEvent[]> =>
  new Promise((resolve, reject) => {
    const events: StoredEvent[] = []
    const timer = setTimeout(() => {
      reject(new DeadlineExceeded())
      call.cancel()
    }, ms)
    call.on('data', (response: streams.ReadResp) => {
      const event = eventOf(names, response)
      if (event !== null) events.push(event)
    })
    call.on('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
    call.on('end', () => {
      clearTimeout(timer)
      resolve(events)
    })
  })

/**
 * A page of `$all`, filtered by the log's prefixes, so that the server's own events are not sent. The client's `readAll`
 * takes no filter, but the protocol does in both directions (`Streams.Read`, in the server since 20.6): the request is
 * built from the client's generated definitions. Reads from the leader, since followers lag.
 */
export const readAll = async (
  client: EventStoreDBClient,
  names: StreamNames,
  page: LogPage,
  ms: number,
): Promise<StoredEvent[]> => {
  const open = client['GRPCStreamCreator'](streamsService.StreamsClient, 'readAll', (grpc) =>
    grpc.read(request(names, page), ...client['callArguments']({ requiresLeader: true, deadline: ms })),
  )
  return collect(names, await open(), ms)
}
