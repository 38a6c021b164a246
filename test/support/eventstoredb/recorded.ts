import shared from '@eventstore/db-client/generated/shared_pb.js'
import type persistent from '@eventstore/db-client/generated/persistent_pb.js'
import type streams from '@eventstore/db-client/generated/streams_pb.js'
import type { LogRecord } from './log.ts'

type RecordedEvent = streams.ReadResp.ReadEvent.RecordedEvent | persistent.ReadResp.ReadEvent.RecordedEvent

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')

/** An event as both services send it; UUIDs are strings, since the client requests that. */
export const recorded = <E extends RecordedEvent>(event: E, record: LogRecord): E => {
  event.setId(new shared.UUID().setString(record.id))
  event.setStreamIdentifier(new shared.StreamIdentifier().setStreamName(base64(Buffer.from(record.stream))))
  event.setStreamRevision(String(record.revision))
  event.setCommitPosition(String(record.position))
  event.setPreparePosition(String(record.position))
  event.setData(base64(record.data))
  event.setCustomMetadata(base64(record.metadata))
  const known = event.getMetadataMap()
  known.set('type', record.type).set('content-type', record.contentType).set('created', record.created)
  return event
}
