import { derivedUuid } from '../../domain/ids.ts'
import type { Sha256 } from '../../domain/event-log/hash.ts'

/** A mail's Message-ID follows from the event that it tells of and its recipient, so that one mail is never two. */
export const messageIdIn =
  (domain: string, sha256: Sha256) =>
  (event: string, recipient: string): string =>
    `<${derivedUuid(sha256, 'mail', event, recipient)}@${domain}>`

/** What all mails about one ticket refer to. */
export const threadIn =
  (domain: string) =>
  (ticket: string): string =>
    `<${ticket}@${domain}>`
