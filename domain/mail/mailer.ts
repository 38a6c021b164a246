/** A mail as it goes out, to one person. */
export interface Mail {
  /** The same for every attempt, so that whoever gets it twice can tell; with its angle brackets. */
  readonly messageId: string
  /** What all mails about one ticket refer to; with its angle brackets. */
  readonly thread: string
  readonly to: { readonly name: string; readonly address: string }
  /** When that happened of which it tells, as ISO 8601. */
  readonly at: string
  readonly subject: string
  readonly text: string
  readonly html: string
  /** Where its reader says which mails to have. */
  readonly preferences: string
  /** Where mails of these kinds end for its reader, without a sign-in. */
  readonly unsubscribe: string
}

/** What became of an attempt. */
export type Delivery =
  | { readonly tag: 'Taken' }
  /** No server takes mails: there is none to ask, so it was only noted. */
  | { readonly tag: 'Noted' }
  /** For good: trying again would be refused again. */
  | { readonly tag: 'Refused'; readonly reason: string }
  /** This mail was not taken, or nobody knows: try it again later. */
  | { readonly tag: 'Deferred'; readonly reason: string }
  /** No mail at all can be sent now, through no fault of this one. */
  | { readonly tag: 'Unreachable'; readonly reason: string }

/** How many mails wait, and how many were set aside. */
export type UnsentMails = Readonly<Record<'waiting' | 'aside', number>>

export interface Mailer {
  /** Never rejects. */
  readonly send: (mail: Mail) => Promise<Delivery>
  /** Ends what is under way. */
  readonly close: () => void
}
