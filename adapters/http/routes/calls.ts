import { left, right, type Either } from 'fp-ts/lib/Either.js'
import type { Call, Receipt } from '../../../domain/commands.ts'
import { idempotencyKey, ifMatch } from '../headers.ts'
import type { Refused } from '../problems.ts'
import { jsonReply, type Asked, type Reply } from '../route.ts'

/** The call of a command, with what its headers ask. */
export const callOf = ({ caller, correlationId, request }: Asked): Either<Refused, Call> => {
  const key = idempotencyKey(request)
  if (key._tag === 'Left') return key
  const version = ifMatch(request)
  if (version._tag === 'Left') return version
  return right({
    caller,
    correlationId,
    ...(key.right === undefined ? {} : { idempotencyKey: key.right }),
    ...(version.right === undefined ? {} : { ifVersion: version.right }),
  })
}

/** What a command answers, or why not. */
export const receiptReply = (
  done: Either<Refused, Receipt>,
  headers: (receipt: Receipt) => Readonly<Record<string, string>> = () => ({}),
): Either<Refused, Reply> => {
  if (done._tag === 'Left') return left(done.left)
  const { id, version, status, position } = done.right
  return right(
    jsonReply(
      { id, version, status, position },
      { ETag: `"${version}"`, 'Ledger-Position': position, ...headers(done.right) },
    ),
  )
}
