import {
  status as codes,
  type sendUnaryData,
  type ServerDuplexStream,
  type ServerReadableStream,
  type StatusObject,
} from '@grpc/grpc-js'
import shared from '@eventstore/db-client/generated/shared_pb.js'
import statuses from '@eventstore/db-client/generated/status_pb.js'
import streams from '@eventstore/db-client/generated/streams_pb.js'
import any from 'google-protobuf/google/protobuf/any_pb.js'
import empty from 'google-protobuf/google/protobuf/empty_pb.js'
import { tooLarge } from './faults.ts'
import type { AppendOutcome, Expected, ProposedEvent } from './log.ts'
import type { Passage } from './passage.ts'

const proposed = (
  message: streams.AppendReq.ProposedMessage | streams.BatchAppendReq.ProposedMessage,
): ProposedEvent => ({
  id: message.getId()?.getString() ?? '',
  type: message.getMetadataMap().get('type') ?? '',
  contentType: message.getMetadataMap().get('content-type') ?? '',
  data: message.getData_asU8(),
  metadata: message.getCustomMetadata_asU8(),
})

const nameOf = (identifier: shared.StreamIdentifier | undefined): string =>
  Buffer.from(identifier?.getStreamName_asU8() ?? []).toString()

const answerOf = (outcome: AppendOutcome): streams.AppendResp | StatusObject => {
  switch (outcome.tag) {
    case 'TooLarge':
      return tooLarge(outcome.limit)
    case 'WrongExpectedVersion': {
      const wrong = new streams.AppendResp.WrongExpectedVersion()
      if (outcome.current < 0) wrong.setCurrentNoStream(new shared.Empty())
      else wrong.setCurrentRevision(String(outcome.current))
      return new streams.AppendResp().setWrongExpectedVersion(wrong)
    }
    case 'Written': {
      const position = new streams.AppendResp.Position()
      position.setCommitPosition(String(outcome.position)).setPreparePosition(String(outcome.position))
      return new streams.AppendResp().setSuccess(
        new streams.AppendResp.Success().setCurrentRevision(String(outcome.revision)).setPosition(position),
      )
    }
  }
}

/** The method Append: the options, then the events, then one response. */
export const append =
  (passage: Passage) =>
  (
    call: ServerReadableStream<streams.AppendReq, streams.AppendResp>,
    answer: sendUnaryData<streams.AppendResp>,
  ): void => {
    const events: ProposedEvent[] = []
    let options = new streams.AppendReq.Options()
    call.on('data', (request: streams.AppendReq) => {
      const message = request.getProposedMessage()
      options = request.getOptions() ?? options
      if (message !== undefined) events.push(proposed(message))
    })
    const expected = (): Expected => {
      if (options.hasNoStream()) return -1
      if (options.hasAny()) return 'any'
      return options.hasStreamExists() ? 'exists' : Number(options.getRevision())
    }
    call.on('end', () => {
      void passage.through(
        'append',
        call,
        (error) => answer(error),
        () => {
          const outcome = answerOf(passage.log.append(nameOf(options.getStreamIdentifier()), expected(), events))
          return () => ('code' in outcome ? answer(outcome) : answer(null, outcome))
        },
      )
    })
  }

interface Refusal {
  readonly name: string
  readonly details: { readonly serializeBinary: () => Uint8Array }
}

const refusalOf = (outcome: Exclude<AppendOutcome, { tag: 'Written' }>): Refusal => {
  if (outcome.tag === 'TooLarge') {
    const details = new shared.MaximumAppendSizeExceeded()
    details.setMaxappendsize(outcome.limit)
    return { name: 'MaximumAppendSizeExceeded', details }
  }
  const details = new shared.WrongExpectedVersion()
  if (outcome.current < 0) details.setCurrentNoStream(new empty.Empty())
  else details.setCurrentStreamRevision(String(outcome.current))
  return { name: 'WrongExpectedVersion', details }
}

/** What the server answers to one append of a batch; null for an error that ends the whole call. */
const refusalOfFault = ({ code, details, metadata }: StatusObject): Refusal | null => {
  const [exception] = metadata.get('exception')
  if (exception === 'access-denied') return { name: 'AccessDenied', details: new shared.AccessDenied() }
  if (exception === 'stream-deleted') return { name: 'StreamDeleted', details: new shared.StreamDeleted() }
  if (code === codes.ABORTED) return { name: 'Timeout', details: new shared.Timeout() }
  // Its details are empty, and the client cannot tell it from other errors.
  return /Not Ready|No leader info/.test(details) ? { name: details, details: new empty.Empty() } : null
}

const refused = (stream: string, { name, details }: Refusal): streams.BatchAppendResp => {
  const packed = new any.Any()
  const type = details instanceof empty.Empty ? 'google.protobuf.Empty' : `event_store.client.${name}`
  packed.pack(details.serializeBinary(), type)
  return new streams.BatchAppendResp()
    .setStreamIdentifier(identifierOf(stream))
    .setError(new statuses.Status().setCode(9).setMessage(name).setDetails(packed))
}

const identifierOf = (stream: string): shared.StreamIdentifier =>
  new shared.StreamIdentifier().setStreamName(Buffer.from(stream).toString('base64'))

const batchAnswer = (stream: string, outcome: AppendOutcome): streams.BatchAppendResp => {
  if (outcome.tag !== 'Written') return refused(stream, refusalOf(outcome))
  const position = new shared.AllStreamPosition()
  position.setCommitPosition(String(outcome.position)).setPreparePosition(String(outcome.position))
  const success = new streams.BatchAppendResp.Success().setCurrentRevision(String(outcome.revision))
  return new streams.BatchAppendResp()
    .setStreamIdentifier(identifierOf(stream))
    .setSuccess(success.setPosition(position))
}

/** The method BatchAppend: many appends on one call, each with a correlation id, complete with its final request. */
export const batchAppend =
  (passage: Passage) =>
  (call: ServerDuplexStream<streams.BatchAppendReq, streams.BatchAppendResp>): void => {
    const open = new Map<
      string,
      { readonly options: streams.BatchAppendReq.Options; readonly events: ProposedEvent[] }
    >()
    const expected = (options: streams.BatchAppendReq.Options): Expected => {
      if (options.hasNoStream()) return -1
      if (options.hasAny()) return 'any'
      return options.hasStreamExists() ? 'exists' : Number(options.getStreamPosition())
    }
    call.on('data', (request: streams.BatchAppendReq) => {
      const id = request.getCorrelationId()?.getString() ?? ''
      const part = open.get(id) ?? { options: request.getOptions() ?? new streams.BatchAppendReq.Options(), events: [] }
      part.events.push(...request.getProposedMessagesList().map(proposed))
      open.set(id, part)
      if (!request.getIsFinal()) return
      open.delete(id)
      const stream = nameOf(part.options.getStreamIdentifier())
      const reply = (answer: streams.BatchAppendResp): boolean =>
        call.write(answer.setCorrelationId(new shared.UUID().setString(id)))
      const fail = (error: StatusObject): boolean => {
        const refusal = refusalOfFault(error)
        return refusal === null ? call.emit('error', error) : reply(refused(stream, refusal))
      }
      void passage.through('append', call, fail, () => {
        const answer = batchAnswer(stream, passage.log.append(stream, expected(part.options), part.events))
        return () => reply(answer)
      })
    })
    call.on('end', () => call.end())
  }
