import { appendFileSync, existsSync, renameSync, writeFileSync } from 'node:fs'
import type { Refusal } from '../../domain/refusal.ts'

/** A line that the domain refused. */
export interface Rejected {
  readonly line: number
  readonly reason: string
  /** The line as it stands in the file. */
  readonly command: string
}

/** Why a line was refused, in a sentence for whoever mends the file. */
export const rejectionReason = (refusal: Refusal): string => {
  switch (refusal.tag) {
    case 'TicketClosed':
      return 'the ticket is closed: reopen it first'
    case 'TicketNotClosed':
      return 'the ticket is not closed'
    case 'NotFound':
      return 'the ticket does not exist, or its actor may not know of it'
    case 'OutOfOrder':
      return `older than the ticket's last event (${refusal.last})`
    case 'Forbidden':
      return refusal.reason
    case 'NotSupport':
      return `${refusal.person} is not known as support`
    case 'VersionConflict':
      return `the ticket is at version ${refusal.actual}`
    case 'IdempotencyMismatch':
      return 'this key was issued before with another body or by somebody else'
    case 'Invalid':
      return refusal.errors.map(({ path, message }) => `${path} ${message}`).join('; ')
    case 'UnknownFile':
      return `it names the file ${refusal.file}: files cannot be imported`
    case 'TooManyFiles':
      return `it names ${refusal.count} files: files cannot be imported`
    case 'FileTooLarge':
    case 'FileTypeNotAllowed':
    case 'FileInfected':
      return `its file "${refusal.name}" is not accepted (${refusal.tag})`
    case 'FilePending':
      return `its file ${refusal.file} is not scanned yet`
    case 'Busy':
      return 'others appended to the ticket before each attempt'
    case 'DamagedStream':
      return `the stream ${refusal.stream} was altered, or is of a newer version`
    case 'NotReady':
      return refusal.reason
    case 'StorageFull':
      return 'the disk is full'
    case 'LogSealed':
      return `the log has ended, and goes on at ${refusal.to}`
    case 'OutcomeUnknown':
      return 'it is not known whether the command was stored'
  }
}

/** The lines of a file that the domain refused, in `FILE.rejects.ndjson` beside it. */
export interface Rejects {
  readonly add: (rejected: Rejected) => void
  /** The run is over: the entries of earlier runs go, in one step. A killed run leaves them. */
  readonly finish: () => void
}

const toText = (rejected: readonly Rejected[]): string => rejected.map((each) => `${JSON.stringify(each)}\n`).join('')

export const openRejects = (imported: string): Rejects => {
  const file = `${imported}.rejects.ndjson`
  const rejected: Rejected[] = []
  return {
    add: (each) => {
      rejected.push(each)
      appendFileSync(file, toText([each]))
    },
    finish: () => {
      if (!existsSync(file)) return
      writeFileSync(`${file}.part`, toText(rejected.toSorted((a, b) => a.line - b.line)))
      renameSync(`${file}.part`, file)
    },
  }
}
