import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { isAddress, oneLine, type Sender } from '../adapters/mail/message.ts'
import type { SmtpServer } from '../adapters/mail/smtp.ts'

const ports: Readonly<Record<string, number>> = { 'smtp:': 25, 'smtps:': 465 }

/** `smtp://user:password@host:port`, `smtps://` for TLS from the start. A Left never contains the password. */
export const smtpOf = (text: string): E.Either<string, SmtpServer> => {
  const url = URL.parse(text)
  const port = ports[url?.protocol ?? '']
  if (url === null || port === undefined || url.hostname === '') {
    return E.left('must be smtp://host:port or smtps://host:port, with user:password@ before the host if need be')
  }
  if (!['', '/'].includes(url.pathname) || url.search !== '' || url.hash !== '') {
    return E.left('must end with the port: a path, query or fragment has no meaning here')
  }
  return pipe(
    E.tryCatch(
      () => ({ user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) }),
      () => 'has a user or password that is not percent-encoded',
    ),
    E.map((auth) => ({
      host: url.hostname.replaceAll(/[[\]]/g, ''),
      port: url.port === '' ? port : Number(url.port),
      secure: url.protocol === 'smtps:',
      auth: url.username === '' ? undefined : auth,
    })),
  )
}

/** `Name <address>`, or the address alone. */
export const senderOf = (text: string): E.Either<string, Sender> => {
  const [, shown = '', address = text] = /^\s*"?([^"<>]*?)"?\s*<([^<>]*)>\s*$/.exec(text) ?? []
  return isAddress(address)
    ? E.right({ name: oneLine(shown), address })
    : E.left(`must be an address, or a name and <address>, and is "${oneLine(text)}"`)
}
