import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import express, { type Express, type Request } from 'express'
import * as E from 'fp-ts/lib/Either.js'

/**
 * What the headers of proxies mean (docs/adr/0035-openid-connect-sign-in-and-sessions.md): nothing, unless the operator
 * names the proxies; and in demo mode their presence refuses the request.
 */
export type Forwarding =
  | { readonly tag: 'ignored' }
  | { readonly tag: 'refused' }
  /** The addresses and ranges of the proxies, or how many stand before this server. */
  | { readonly tag: 'trusted'; readonly proxies: readonly string[] | number }

const mostHops = 10

/** Reads a number of proxies, or their addresses and ranges with commas between. A Left is a predicate. */
export const trustedProxiesOf = (text: string): E.Either<string, Forwarding> => {
  const must = `must be a number of proxies from 1 to ${mostHops}, or their addresses and ranges with commas between`
  if (/^\d+$/.test(text)) {
    const hops = Number(text)
    return hops >= 1 && hops <= mostHops
      ? E.right({ tag: 'trusted', proxies: hops })
      : E.left(`${must}, and is "${text}"`)
  }
  const proxies = text.split(',').map((each) => each.trim())
  return E.tryCatch(
    () => {
      express().set('trust proxy', proxies)
      return { tag: 'trusted', proxies }
    },
    () => `${must}, and is "${text}"`,
  )
}

/** Sets which proxies `request.ip` believes. */
export const applyForwarding = (app: Express, forwarding: Forwarding): void => {
  const { tag } = forwarding
  const proxies = tag === 'trusted' ? forwarding.proxies : false
  app.set('trust proxy', typeof proxies === 'object' ? [...proxies] : proxies)
}

/** The headers by which proxies say for whom they ask. */
const headerNames = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip']

export const isForwarded = ({ headers }: IncomingMessage): boolean =>
  headerNames.some((name) => headers[name] !== undefined)

/**
 * The address of the client. A trusted proxy that names none, or something else than an address, stands for its clients:
 * they are then counted together.
 */
export const clientAddress = (request: Request): string => {
  const named = request.ip ?? ''
  return isIP(named) === 0 ? (request.socket.remoteAddress ?? '') : named
}
