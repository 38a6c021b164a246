import MailComposer from 'nodemailer/lib/mail-composer'
import type { Mail } from '../../domain/mail/mailer.ts'

export interface Sender {
  readonly name: string
  readonly address: string
}

/** A mail as RFC 5322 bytes, with its SMTP envelope. */
export interface Message {
  readonly envelope: { readonly from: string; readonly to: string }
  readonly bytes: Buffer
}

/**
 * Text for one header line, with single spaces: without control characters, line or paragraph separators, characters
 * that change the direction of writing, and encoded words (RFC 2047), which a mail program would decode.
 */
export const oneLine = (text: string): string =>
  text
    .replaceAll(/[\s\p{Cc}\p{Zl}\p{Zp}\u{202a}-\u{202e}\u{2066}-\u{2069}]+/gu, ' ')
    .replaceAll('=?', '= ?')
    .trim()

/** A body with CRLF line ends (RFC 5321) and without control characters other than tab. */
const body = (text: string): string => text.replaceAll(/\r\n|\r|\n/g, '\r\n').replaceAll(/(?![\t\r\n])\p{Cc}/gu, ' ')

/** Whether it is one plain address: no list, quoted local part or route. Tokens carry no other form. */
export const isAddress = (text: string): boolean =>
  text.length <= 254 &&
  /^[^\s\p{Cc}<>()[\]\\,;:@"]{1,64}@[^\s\p{Cc}<>()[\]\\,;:@".]+(\.[^\s\p{Cc}<>()[\]\\,;:@".]+)*$/u.test(text)

/** A header line has at most 998 characters with its name (RFC 5322, 2.1.1), and a URL cannot be folded. */
const longestUrl = 950

/**
 * The headers for unsubscribing: one click where the mail program supports RFC 8058, which requires https, else a page.
 * Where a long person id makes the link too long for a header, it leads to the preferences.
 */
const unsubscribeHeaders = ({ unsubscribe, preferences }: Mail) => {
  const { href, protocol } = new URL(unsubscribe)
  const fits = href.length <= longestUrl
  // A URL has no character that needs encoding.
  const link = { prepared: true, value: `<${fits ? href : new URL(preferences).href}>` }
  return {
    'List-Unsubscribe': link,
    ...(fits && protocol === 'https:' ? { 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' } : {}),
  }
}

/** The part of Message-IDs after the `@`. */
export const domainOf = ({ address }: Sender): string => address.slice(address.lastIndexOf('@') + 1)

/** Formats a mail to one recipient. @throws Error where the recipient's address is not valid. */
export const formatMessage = async (from: Sender, mail: Mail): Promise<Message> => {
  const { name, address } = mail.to
  if (!isAddress(address)) throw new Error('the recipient has no valid address')
  const node = new MailComposer({
    from: { name: oneLine(from.name), address: from.address },
    to: { name: oneLine(name), address },
    subject: oneLine(mail.subject),
    messageId: mail.messageId,
    inReplyTo: mail.thread,
    references: mail.thread,
    date: new Date(mail.at),
    text: body(mail.text),
    html: body(mail.html),
    headers: {
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
      ...unsubscribeHeaders(mail),
    },
    disableFileAccess: true,
    disableUrlAccess: true,
  }).compile()
  return { envelope: { from: from.address, to: address }, bytes: await node.build() }
}
