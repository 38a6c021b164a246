import type { IncomingMessage } from 'node:http'
import { sessionSeconds } from '../identity/sessions.ts'

/** With the prefix `__Host-` browsers accept the cookie only with Secure, for this host and the path `/` (RFC 6265bis). */
const nameOf = (isSecure: boolean): string => (isSecure ? '__Host-ledgerdesk' : 'ledgerdesk')

const cookie = (isSecure: boolean, value: string, seconds: number): string =>
  [
    `${nameOf(isSecure)}=${value}`,
    'Path=/',
    'HttpOnly',
    'SameSite=Strict',
    `Max-Age=${seconds}`,
    ...(isSecure ? ['Secure'] : []),
  ].join('; ')

export const sessionCookie = (isSecure: boolean, token: string): string => cookie(isSecure, token, sessionSeconds)
export const noSessionCookie = (isSecure: boolean): string => cookie(isSecure, '', 0)

/** The token of the request's session; null where it has none, or more than one. */
export const sessionToken = (request: IncomingMessage): string | null => {
  const found = (request.headers.cookie ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => /^(__Host-)?ledgerdesk=/.test(pair))
    .map((pair) => pair.slice(pair.indexOf('=') + 1))
  const [token] = found
  return token === undefined || found.length > 1 || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token) ? null : token
}

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
