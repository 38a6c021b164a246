import type { Request, Response } from 'express'
import { rateLimit } from 'express-rate-limit'
import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { Refused } from './problems.ts'

/** Counts a request, or refuses it where it is over the limit. */
export type Limit = (request: Request, response: Response) => TE.TaskEither<Refused, void>

const windowMs = 60_000

type RateLimited = Extract<Refused, { readonly tag: 'RateLimited' }>

const isRateLimited = (value: unknown): value is RateLimited =>
  typeof value === 'object' && value !== null && 'tag' in value && value.tag === 'RateLimited'

/** Counts requests by the key, with the headers of the RateLimit draft 8, and refuses those over the limit. */
export const limitBy = (identifier: string, perMinute: number, keyOf: (request: Request) => string): Limit => {
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
  return (request, response) => () =>
    new Promise((resolve, reject) => {
      void limiter(request, response, (refused?: unknown) => {
        if (refused === undefined) resolve(E.right(undefined))
        else if (isRateLimited(refused)) resolve(E.left(refused))
        else reject(refused instanceof Error ? refused : new Error('the rate limit failed'))
      })
    })
}
