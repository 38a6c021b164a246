import MailComposer from 'nodemailer/lib/mail-composer'
import type { Mail } from '../../domain/mail/mailer.ts'

export interface Sender {
  readonly name: string
  readonly address: string
}

/** A mail in the bytes of RFC 5322, and who it is for in the words of SMTP. */
export interface Message {
  readonly envelope: { readonly from: string; readonly to: string }
  readonly bytes: Buffer
}

/**
 * One line for a header, its words a space apart: no control character, no line or paragraph separator, nothing that changes the direction of
 * what follows, and no encoded word that a reader would decode into something else.
 */
export const oneLine = (text: string): string =>
  text
    .replaceAll(/[\s\p{Cc}\p{Zl}\p{Zp}\u{202a}-\u{202e}\u{2066}-\u{2069}]+/gu, ' ')
    .replaceAll('=?', '= ?')
    .trim()

/** A body whose lines end as SMTP ends them, without control characters that no text needs. */
const body = (text: string): string => text.replaceAll(/\r\n|\r|\n/g, '\r\n').replaceAll(/(?![\t\r\n])\p{Cc}/gu, ' ')

/** A single address of the plain form, which is all that people sign in with: no list, no quotes, no route. */
export const isAddress = (text: string): boolean =>
  text.length <= 254 &&
  /^[^\s\p{Cc}<>()[\]\\,;:@"]{1,64}@[^\s\p{Cc}<>()[\]\\,;:@".]+(\.[^\s\p{Cc}<>()[\]\\,;:@".]+)*$/u.test(text)

/** What a line of a header holds, its name included (RFC 5322); a URL cannot be folded. */
const longestUrl = 950

/**
 * How its reader gets no more of these: by one click where the mail program knows RFC 8058, which wants https, else by a
 * page. Somebody with an id so long that no header holds the link is led to the preferences.
 */
const unsubscribing = ({ unsubscribe, preferences }: Mail) => {
  const { href, protocol } = new URL(unsubscribe)
  const fits = href.length <= longestUrl
  // A URL has no character that would have to be folded or encoded.
  const link = { prepared: true, value: `<${fits ? href : new URL(preferences).href}>` }
  return {
    'List-Unsubscribe': link,
    ...(fits && protocol === 'https:' ? { 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' } : {}),
  }
}

/** What stands behind the `@` of Message-IDs. */
export const domainOf = ({ address }: Sender): string => address.slice(address.lastIndexOf('@') + 1)

/** Composes a mail to one recipient. @throws Error where its address is none. */
export const compose = async (from: Sender, mail: Mail): Promise<Message> => {
  const { name, address } = mail.to
  if (!isAddress(address)) throw new Error('the address is none')
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
      ...unsubscribing(mail),
    },
    disableFileAccess: true,
    disableUrlAccess: true,
  }).compile()
  return { envelope: { from: from.address, to: address }, bytes: await node.build() }
}
