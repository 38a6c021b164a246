import { Metadata, status, type sendUnaryData, type ServerDuplexStream, type ServerUnaryCall } from '@grpc/grpc-js'
import persistent from '@eventstore/db-client/generated/persistent_pb.js'
import shared from '@eventstore/db-client/generated/shared_pb.js'
import type { Log, LogRecord } from './log.ts'
import type { Passage } from './passage.ts'
import { recorded } from './recorded.ts'

type Call = ServerDuplexStream<persistent.ReadReq, persistent.ReadResp>

interface Consumer {
  readonly call: Call
  readonly capacity: number
  readonly inFlight: Map<string, Held>
}
interface Held {
  readonly record: LogRecord
  readonly retries: number
}
interface Group {
  readonly stream: string
  readonly most: number
  next: number
  readonly again: Held[]
  readonly parked: Held[]
  readonly consumers: Consumer[]
}

const nameOf = (identifier: shared.StreamIdentifier | undefined): string =>
  Buffer.from(identifier?.getStreamName_asU8() ?? []).toString()

const failed = (code: status, exception: string, group: string) => {
  const metadata = new Metadata()
  metadata.set('exception', exception)
  metadata.set('group-name', group)
  return { code, details: exception, metadata }
}

const response = ({ record, retries }: Held): persistent.ReadResp => {
  const event = recorded(new persistent.ReadResp.ReadEvent.RecordedEvent(), record)
  return new persistent.ReadResp().setEvent(
    new persistent.ReadResp.ReadEvent().setEvent(event).setRetryCount(retries).setNoPosition(new shared.Empty()),
  )
}

/**
 * Persistent subscriptions to streams with the strategy DispatchToSingle: the first consumer with room gets all events;
 * when its connection ends, its unacknowledged events go to the next consumer, and are parked after too many retries. As
 * in the server's PersistentSubscription and DispatchToSinglePersistentSubscriptionConsumerStrategy. Groups exist as long
 * as the log.
 */
export const persistentSubscriptions = (log: Log) => {
  const groups = new Map<string, Group>()

  const push = (group: Group): void => {
    for (;;) {
      const record = log.stream(group.stream)[group.next]
      const held = group.again[0] ?? (record === undefined ? undefined : { record, retries: 0 })
      const consumer = group.consumers.find(({ inFlight, capacity }) => inFlight.size < capacity)
      if (held === undefined || consumer === undefined) return
      if (group.again[0] === held) group.again.shift()
      else group.next++
      consumer.inFlight.set(held.record.id, held)
      consumer.call.write(response(held))
    }
  }
  log.onAppend(() => {
    for (const group of groups.values()) push(group)
  })

  const retry = (group: Group, { record, retries }: Held): void => {
    if (retries >= group.most) group.parked.push({ record, retries })
    else group.again.push({ record, retries: retries + 1 })
  }

  const leave = (group: Group, consumer: Consumer): void => {
    const at = group.consumers.indexOf(consumer)
    if (at < 0) return
    group.consumers.splice(at, 1)
    // A lost connection does not count as a retry.
    for (const held of consumer.inFlight.values()) group.again.push(held)
    push(group)
  }

  const create =
    (passage: Passage) =>
    (
      call: ServerUnaryCall<persistent.CreateReq, persistent.CreateResp>,
      answer: sendUnaryData<persistent.CreateResp>,
    ) => {
      void passage.through('createPersistent', call, answer, () => {
        const options = call.request.getOptions()
        const [stream, name] = [nameOf(options?.getStreamIdentifier()), options?.getGroupName() ?? '']
        const key = `${stream}::${name}`
        if (groups.has(key)) {
          return () => answer(failed(status.ALREADY_EXISTS, 'persistent-subscription-exists', name))
        }
        const most = options?.getSettings()?.getMaxRetryCount() ?? 0
        const fromEnd = options?.getSettings()?.getRevision() !== '0'
        const next = fromEnd ? log.stream(stream).length : 0
        groups.set(key, { stream, most, next, again: [], parked: [], consumers: [] })
        return () => answer(null, new persistent.CreateResp())
      })
    }

  const read =
    (passage: Passage) =>
    (call: Call): void => {
      let [group, consumer]: [Group | undefined, Consumer | undefined] = [undefined, undefined]
      const join = (options: persistent.ReadReq.Options): void => {
        const name = options.getGroupName()
        group = groups.get(`${nameOf(options.getStreamIdentifier())}::${name}`)
        if (group === undefined) {
          call.emit('error', failed(status.NOT_FOUND, 'persistent-subscription-does-not-exist', name))
          return
        }
        consumer = { call, capacity: options.getBufferSize(), inFlight: new Map() }
        group.consumers.push(consumer)
        const confirmation = new persistent.ReadResp.SubscriptionConfirmation().setSubscriptionId(name)
        call.write(new persistent.ReadResp().setSubscriptionConfirmation(confirmation))
        push(group)
      }
      const done = (request: persistent.ReadReq): void => {
        if (group === undefined || consumer === undefined) return
        const { RETRY, PARK } = persistent.ReadReq.Nack.Action
        const action = request.getNack()?.getAction()
        for (const id of (request.getAck() ?? request.getNack())?.getIdsList() ?? []) {
          const held = consumer.inFlight.get(id.getString())
          consumer.inFlight.delete(id.getString())
          if (held !== undefined && action === RETRY) retry(group, held)
          if (held !== undefined && action === PARK) group.parked.push(held)
        }
        push(group)
      }
      call.on('data', (request: persistent.ReadReq) => {
        const options = request.getOptions()
        if (options === undefined) return done(request)
        void passage.through(
          'persistent',
          call,
          (error) => call.emit('error', error),
          () => () => join(options),
        )
      })
      const gone = (): void => {
        if (group !== undefined && consumer !== undefined) leave(group, consumer)
      }
      call.on('cancelled', gone).on('close', gone).on('end', gone)
    }

  return { create, read, parked: () => [...groups.values()].flatMap(({ parked }) => parked) }
}

export type PersistentSubscriptions = ReturnType<typeof persistentSubscriptions>
