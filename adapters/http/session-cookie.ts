import type { IncomingMessage } from 'node:http'
import { transactionSeconds } from '../identity/oidc/provider.ts'
import type { SessionToken } from '../identity/sessions.ts'

/**
 * The cookies of one public URL. By https their names begin with `__Host-`, which browsers accept with Secure, for this host
 * and the path `/` only (RFC 6265bis); by http, on loopback, neither is possible. Exactly one name is read: one of the
 * other kind means nothing.
 */
const nameOf = (isSecure: boolean, name: string): string => (isSecure ? `__Host-${name}` : name)

const cookie = (isSecure: boolean, name: string, value: string, seconds: number): string =>
  [
    `${nameOf(isSecure, name)}=${value}`,
    'Path=/',
    'HttpOnly',
    // Strict would withhold it on the way back from the provider and from links in mails.
    'SameSite=Lax',
    `Max-Age=${seconds}`,
    ...(isSecure ? ['Secure'] : []),
  ].join('; ')

/** The value of a cookie; null where the request has none, or more than one. */
const valueIn = (request: IncomingMessage, isSecure: boolean, name: string): string | null => {
  const start = `${nameOf(isSecure, name)}=`
  const [found, ...more] = (request.headers.cookie ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(start))
  const value = found?.slice(start.length) ?? ''
  return more.length > 0 || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(value) ? null : value
}

const session = 'ledgerdesk'

export const sessionCookie = (isSecure: boolean, { token, seconds }: SessionToken): string =>
  cookie(isSecure, session, token, seconds)
export const noSessionCookie = (isSecure: boolean): string => cookie(isSecure, session, '', 0)
export const sessionToken = (request: IncomingMessage, isSecure: boolean): string | null =>
  valueIn(request, isSecure, session)

const signIn = 'ledgerdesk-sign-in'

/** What a sign-in at the provider remembers until the browser comes back. */
export const transactionCookie = (isSecure: boolean, token: string): string =>
  cookie(isSecure, signIn, token, transactionSeconds)
export const noTransactionCookie = (isSecure: boolean): string => cookie(isSecure, signIn, '', 0)
export const transactionToken = (request: IncomingMessage, isSecure: boolean): string | null =>
  valueIn(request, isSecure, signIn)

const hostOf = (origin: string): string | undefined => URL.parse(origin)?.host

/**
 * Whether a browser sent this from a page of this server, which keeps other sites from using the session. Current
 * browsers send `Sec-Fetch-Site`, which no page can forge (OWASP, "Cross-Site Request Forgery Prevention", fetch
 * metadata), older ones `Origin`. A request with neither comes from no page.
 */
export const isFromOurPages = ({ headers }: IncomingMessage): boolean => {
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site === 'same-origin'
  return headers.origin !== undefined && headers.host !== undefined && hostOf(headers.origin) === headers.host
}

/**
 * Whether no person caused this: a live stream, or a request of a page that nobody has touched for a while. It does not
 * keep a session from ending by idleness.
 */
export const isUnattended = ({ headers }: IncomingMessage): boolean =>
  headers['user-idle'] !== undefined || headers.accept === 'text/event-stream'
