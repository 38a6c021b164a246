import { isSubjectRow, keyOfRow, rowOf } from './postings.ts'

/** Ticket keys from the newest down, walked by several in step: cheap where one of them is short. */
export interface Falling {
  /** The greatest key at or below `at`, -1 when none is left. Each call's `at` is at or below the one before. */
  readonly seek: (at: number) => number
  /** How strongly the ticket speaks for this list; 0 where the list does not hold it. Asked after `seek`, downwards. */
  readonly weight: (at: number) => number
}

/** Rows that a query may still read; then it ends with what it has. */
export interface Budget {
  left: number
}

/** What lies below `below`, from the greatest down, at most `limit` of it. */
export type ReadBelow = (below: number, limit: number) => readonly number[]

const topKey = 2 ** 33 - 2
const [leastRows, mostRows] = [128, 4_096]
/** A ticket's state is one small row, so that looking at a few is cheap. */
const fewTickets = 8
/** A word in the subject says more of a ticket than one of its many messages. */
const subjectWeight = 3

/**
 * A falling list in pages: of `first` at the beginning, larger while the next page follows closely, smaller where whole
 * pages are leapt over. So a walk costs little more than reading all of it, and a leap little more than a look.
 */
const paged = (read: ReadBelow, budget: Budget, first: number) => {
  let values: readonly number[] = []
  let [at, size, over] = [0, first, false]

  const resize = (below: number): void => {
    const [newest, oldest] = [values[0], values.at(-1)]
    if (newest === undefined || oldest === undefined) return
    const leapt = oldest - below > newest - oldest
    size = leapt ? Math.max(size / 4, Math.min(first, leastRows)) : Math.min(size * 8, Math.max(mostRows, first))
  }

  const load = (below: number): readonly number[] => {
    const limit = Math.min(Math.ceil(size), budget.left)
    const found = limit > 0 ? read(below, limit) : []
    budget.left -= found.length
    over = found.length < size
    return found
  }

  return {
    /** The greatest value below `below`. */
    next: (below: number): number | undefined => {
      while (at < values.length && (values[at] ?? 0) >= below) at++
      if (at === values.length && !over) {
        resize(below)
        values = load(below)
        at = 0
      }
      return values[at]
    },
    /** The value that lies `n` behind the one that `next` answered last. */
    peek: (n: number): number | undefined => {
      const oldest = values.at(-1)
      if (at + n === values.length && oldest !== undefined && !over) {
        values = [...values.slice(at), ...load(oldest)]
        at = 0
      }
      return values[at + n]
    },
  }
}

/** The tickets that hold a word, from the rows of its parts. */
export const postings = (read: ReadBelow, budget: Budget, first: number = leastRows): Falling => {
  const { next, peek } = paged(read, budget, first)
  return {
    seek: (key) => {
      const row = next(rowOf(key + 1, 0))
      return row === undefined ? -1 : keyOfRow(row)
    },
    weight: (key) => {
      let weight = 0
      for (let n = 0; ; n++) {
        const row = peek(n)
        if (row === undefined || keyOfRow(row) !== key) return weight
        weight += isSubjectRow(row) ? subjectWeight : 1
      }
    },
  }
}

/** The tickets that a filter lets through. */
export const passing = (read: ReadBelow, budget: Budget): Falling => {
  const { next } = paged(read, budget, fewTickets)
  return { seek: (key) => next(key + 1) ?? -1, weight: () => 0 }
}

/** The tickets of any of these lists, each list with what it counts for. */
export const anyOf = (lists: readonly { readonly list: Falling; readonly worth: number }[]): Falling => ({
  seek: (at) => {
    let greatest = -1
    for (const { list } of lists) greatest = Math.max(greatest, list.seek(at))
    return greatest
  },
  weight: (at) => {
    let weight = 0
    for (const { list, worth } of lists) weight += worth * list.weight(at)
    return weight
  },
})

/** The keys that are in all lists, from the greatest down: each list leaps to where another stands. */
export function* inAll(lists: readonly Falling[]): Generator<number> {
  for (let at = topKey; at >= 0;) {
    let agreed = at
    for (const list of lists) {
      agreed = list.seek(agreed)
      if (agreed < 0) return
    }
    if (agreed === at || lists.every((list) => list.seek(agreed) === agreed)) {
      yield agreed
      at = agreed - 1
    } else at = agreed
  }
}
