import type { IncomingMessage } from 'node:http'
import type { Request, Response } from 'express'
import { ipKeyGenerator, rateLimit } from 'express-rate-limit'
import type { RateLimits } from './ports.ts'
import type { Refused } from './problems.ts'
import { traceOf } from './trace.ts'

/** Null while the caller keeps within the limit. */
type Limit = (request: Request, response: Response) => Promise<Refused | null>

const windowMs = 60_000

/** A limit a minute with the headers of the RateLimit draft 8; what it counts for is `keyOf`'s. */
const limitOf = (identifier: string, perMinute: number, keyOf: (request: IncomingMessage) => string): Limit => {
  const limiter = rateLimit({
    identifier,
    windowMs,
    limit: perMinute,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    validate: false,
    keyGenerator: keyOf,
    handler: (_request, response, next) => {
      const seconds = Number(response.getHeader('Retry-After'))
      next({ tag: 'RateLimited', retryAfterSeconds: seconds > 0 ? seconds : windowMs / 1_000 })
    },
  })
  return (request, response) =>
    new Promise((resolve, reject) => {
      const settled = (refused?: unknown): void => {
        if (refused === undefined) resolve(null)
        else if (isRefused(refused)) resolve(refused)
        else reject(refused instanceof Error ? refused : new Error('the rate limit failed'))
      }
      void limiter(request, response, settled)
    })
}

const isRefused = (value: unknown): value is Refused =>
  typeof value === 'object' && value !== null && 'tag' in value && value.tag === 'RateLimited'

export interface Limits {
  /** By the token's subject, whatever address it comes from. */
  readonly caller: Limit
  /** By address, for tokens that are none; counted only when one fails. No forwarding header is believed. */
  readonly failures: Limit
}

export const createLimits = ({ perCaller, failuresPerAddress }: RateLimits): Limits => ({
  caller: limitOf('caller', perCaller, (request) => traceOf(request).caller ?? ''),
  failures: limitOf('failures', failuresPerAddress, ({ socket }) => ipKeyGenerator(socket.remoteAddress ?? '')),
})
