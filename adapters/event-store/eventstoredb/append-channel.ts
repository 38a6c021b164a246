import type { ClientDuplexStream } from '@grpc/grpc-js'
import type { EventStoreDBClient } from '@eventstore/db-client'
import shared from '@eventstore/db-client/generated/shared_pb.js'
import type statuses from '@eventstore/db-client/generated/status_pb.js'
import streams from '@eventstore/db-client/generated/streams_pb.js'
import streamsService from '@eventstore/db-client/generated/streams_grpc_pb.js'
import empty from 'google-protobuf/google/protobuf/empty_pb.js'
import { positionOf, type Position } from '../../../domain/event-log/envelope.ts'
import type { WireEvent } from './event.ts'
import { DeadlineExceeded, RefusedAppend, within } from './failures.ts'

type Call = ClientDuplexStream<streams.BatchAppendReq, streams.BatchAppendResp>

interface Waiting {
  readonly resolve: (position: Position) => void
  readonly reject: (error: unknown) => void
}
interface Channel {
  readonly call: Call
  /** By correlation id. */
  readonly waiting: Map<string, Waiting>
}

const proposed = ({ id, type, data, metadata }: WireEvent): streams.BatchAppendReq.ProposedMessage => {
  const message = new streams.BatchAppendReq.ProposedMessage()
    .setId(new shared.UUID().setString(id))
    .setData(Buffer.from(data))
    .setCustomMetadata(Buffer.from(metadata))
  message.getMetadataMap().set('type', type).set('content-type', 'application/json')
  return message
}

/** No deadline is sent, since the server compares it with its own clock: its write timeout holds. */
const request = (
  id: string,
  stream: string,
  expected: number,
  events: readonly WireEvent[],
): streams.BatchAppendReq => {
  const options = new streams.BatchAppendReq.Options().setStreamIdentifier(
    new shared.StreamIdentifier().setStreamName(Buffer.from(stream)),
  )
  if (expected === 0) options.setNoStream(new empty.Empty())
  else options.setStreamPosition(String(expected - 1))
  return new streams.BatchAppendReq()
    .setCorrelationId(new shared.UUID().setString(id))
    .setOptions(options)
    .setProposedMessagesList(events.map(proposed))
    .setIsFinal(true)
}

/** By the last part of the name of the details' type (`Status` in the server's source). */
const typesOfRefusals: Readonly<Record<string, string>> = {
  WrongExpectedVersion: 'wrong-expected-version',
  StreamDeleted: 'stream-deleted',
  AccessDenied: 'access-denied',
  Timeout: 'timeout',
  MaximumAppendSizeExceeded: 'maximum-append-size-exceeded',
}

const refusalOf = (status: statuses.Status): RefusedAppend => {
  const name = status.getDetails()?.getTypeName().split('.').at(-1) ?? ''
  return new RefusedAppend(typesOfRefusals[name] ?? 'unknown', status.getMessage())
}

/**
 * Appends through one call of BatchAppend, which carries any number of appends at a time. The client's own has no
 * deadline, and an answer that comes too late throws in it. Here each append settles within its time; the call is then
 * given up, since a broken one never answers again, and the next append opens another.
 */
export const appendChannel = (client: EventStoreDBClient) => {
  let current: Promise<Channel> | undefined

  const answer = ({ waiting }: Channel, response: streams.BatchAppendResp): void => {
    const each = waiting.get(response.getCorrelationId()?.getString() ?? '')
    const [error, position] = [response.getError(), response.getSuccess()?.getPosition()]
    if (error !== undefined) each?.reject(refusalOf(error))
    else if (position === undefined) each?.reject(new RefusedAppend('unknown', 'the answer has no position'))
    else each?.resolve(positionOf(BigInt(position.getCommitPosition())))
  }

  const open = async (isCurrent: () => boolean): Promise<Channel> => {
    const call: Call = await client['GRPCStreamCreator'](streamsService.StreamsClient, 'batchAppend', (grpc) =>
      grpc.batchAppend(...client['callArguments']({ requiresLeader: true }, { deadline: Infinity })),
    )()
    const channel: Channel = { call, waiting: new Map() }
    const end = (error: unknown): void => {
      if (isCurrent()) current = undefined
      for (const { reject } of channel.waiting.values()) reject(error)
    }
    call.on('data', (response: streams.BatchAppendResp) => answer(channel, response))
    call.on('error', end)
    call.on('end', () => end(new RefusedAppend('unavailable', 'the call ended without an answer')))
    return channel
  }

  const opened = (): Promise<Channel> => {
    if (current !== undefined) return current
    const opening = open(() => current === opening)
    current = opening
    opening.catch(() => {
      if (current === opening) current = undefined
    })
    return opening
  }

  /**
   * The position of the append's last event. @throws RefusedAppend for what the server answered; DeadlineExceeded after
   * `ms`, and the error of the connection: then the outcome is open.
   */
  return async (stream: string, expected: number, events: readonly WireEvent[], ms: number): Promise<Position> => {
    const id = crypto.randomUUID()
    const sent: { on?: Channel; isLate: boolean } = { isLate: false }
    const send = async (): Promise<Position> => {
      const on = await opened()
      if (sent.isLate) throw new DeadlineExceeded()
      sent.on = on
      return new Promise((resolve, reject) => {
        on.waiting.set(id, { resolve, reject })
        on.call.write(request(id, stream, expected, events))
      })
    }
    const giveUp = (): void => {
      sent.isLate = true
      sent.on?.call.cancel()
    }
    try {
      return await within(ms, send(), giveUp)
    } finally {
      sent.on?.waiting.delete(id)
    }
  }
}

export type AppendChannel = ReturnType<typeof appendChannel>
