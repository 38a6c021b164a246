import type { IncomingMessage } from 'node:http'
import { isLoopback } from '../loopback.ts'

/**
 * Whether the `Host` of a request is this server's: the public URL's or a loopback name. A page of another name that
 * resolves to this server's address (DNS rebinding) would else count as one of its own pages.
 */
export const isOurHost = ({ headers: { host } }: IncomingMessage, publicUrl: string | undefined): boolean => {
  if (host === undefined || !/^[\w.:[\]-]+$/.test(host)) return false
  const own = URL.parse(publicUrl ?? '')
  // The scheme decides which port may be left away.
  const asked = URL.parse(`${own?.protocol ?? 'http:'}//${host}`)
  return asked !== null && (asked.host === own?.host || isLoopback(asked.hostname))
}
