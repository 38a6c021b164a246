import { isAddress, oneLine, type Sender } from '../adapters/mail/message.ts'
import type { SmtpServer } from '../adapters/mail/smtp.ts'
import { wrong } from './config-error.ts'

const ports: Readonly<Record<string, number>> = { 'smtp:': 25, 'smtps:': 465 }

const decoded = (name: string, text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return wrong(name, 'has a user or password that is not percent-encoded')
  }
}

/** Parses `smtp://user:password@host:port`; `smtps://` for TLS from the start. @throws ConfigError, without the password. */
export const smtpOf = (name: string, text: string): SmtpServer => {
  const url = URL.parse(text)
  const port = ports[url?.protocol ?? '']
  if (url === null || port === undefined || url.hostname === '') {
    return wrong(
      name,
      'must be smtp://host:port or smtps://host:port, with user:password@ before the host where the server needs it',
    )
  }
  if (!['', '/'].includes(url.pathname) || url.search !== '' || url.hash !== '') {
    return wrong(name, 'must end after the port')
  }
  return {
    host: url.hostname.replaceAll(/[[\]]/g, ''),
    port: url.port === '' ? port : Number(url.port),
    secure: url.protocol === 'smtps:',
    auth: url.username === '' ? undefined : { user: decoded(name, url.username), pass: decoded(name, url.password) },
  }
}

/** Parses `Name <address>`, or an address alone. @throws ConfigError where it is neither. */
export const senderOf = (name: string, text: string): Sender => {
  const [, displayName = '', address = text] = /^\s*"?([^"<>]*?)"?\s*<([^<>]*)>\s*$/.exec(text) ?? []
  return isAddress(address)
    ? { name: oneLine(displayName), address }
    : wrong(name, `must be an address, or a name and <address>, and is "${oneLine(text)}"`)
}
