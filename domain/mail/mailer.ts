/** A mail as it goes out, to one person. */
export interface Mail {
  /** With its angle brackets. The same for every attempt, so that a mail that arrives twice can be recognised. */
  readonly messageId: string
  /** The id that all mails about one ticket refer to; with its angle brackets. */
  readonly thread: string
  readonly to: { readonly name: string; readonly address: string }
  /** When the event occurred, as ISO 8601. */
  readonly at: string
  readonly subject: string
  readonly text: string
  readonly html: string
  /** URL of the page on which the recipient chooses which mails to get. */
  readonly preferences: string
  /** URL that ends mails of these kinds for the recipient, without a sign-in. */
  readonly unsubscribe: string
}

/** The outcome of one attempt. */
export type Delivery =
  /** The mail server took the mail. */
  | { readonly tag: 'Taken' }
  /** No mail server is configured: the mail was only logged. */
  | { readonly tag: 'Noted' }
  /** Permanent: trying again would be refused again. */
  | { readonly tag: 'Refused'; readonly reason: string }
  /** This mail was not taken, or the outcome is unknown: try it again later. */
  | { readonly tag: 'Deferred'; readonly reason: string }
  /** No mail can be sent now; the cause is not this mail. */
  | { readonly tag: 'Unreachable'; readonly reason: string }

/** How many mails wait, and how many are dead letters (`aside`, as stored and as in the metrics). */
export type UnsentMails = Readonly<Record<'waiting' | 'aside', number>>

export interface Mailer {
  /** Never rejects. */
  readonly send: (mail: Mail) => Promise<Delivery>
  /** Cuts the connections, and with them the mails under way. A later `send` connects again. */
  readonly close: () => void
}
