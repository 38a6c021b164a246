import { left, right, type Either } from 'fp-ts/lib/Either.js'
import { TicketId } from '../../domain/ids.ts'
import type { Failure } from '../failures.ts'

/** `problem` is a predicate: "must be …". */
export const invalidArgument = (name: string, problem: string): Either<Failure, never> =>
  left({ code: 'InvalidArgument', name, problem })

/** The name of an existing thing among those that there are. */
export const oneOf = <A extends string>(name: string, text: string, values: readonly A[]): Either<Failure, A> => {
  const found = values.find((value) => value === text)
  return found === undefined
    ? invalidArgument(name, `must be one of ${values.join(', ')}, and is "${text}"`)
    : right(found)
}

export const ticketArgument = (name: string, text: string): Either<Failure, TicketId> =>
  TicketId.is(text) ? right(text) : invalidArgument(name, `must be a ticket id such as T-0123ABCD, and is "${text}"`)
