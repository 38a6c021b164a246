import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** The URL at which a server listens. @throws Error where it does not. */
export const urlOf = (server: Server, host: string): string => {
  const address: AddressInfo | string | null = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port')
  return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`
}
