import { left, right, type Either } from 'fp-ts/lib/Either.js'
import type { FieldError } from '../../domain/codec.ts'

/**
 * The strict JSON decoder for request bodies: what it accepts reads back equal from any later encoding, so that a hash
 * over it can be checked by other programs (RFC 8259, section 9, and RFC 7493). It refuses a byte order mark, bytes that
 * are not UTF-8, duplicate and prototype keys, lone surrogates, NUL, numbers beyond the safe integers, more than 32 levels,
 * and more than 1,000 values.
 */
export type JsonRefused =
  /** Not JSON; `why` continues "The body …". */
  | { readonly tag: 'Malformed'; readonly why: string }
  /** JSON with a value or key that is refused. */
  | { readonly tag: 'Unwanted'; readonly error: FieldError }

/** The deepest nesting of arrays and objects that is read. */
export const depthLimit = 32

/** The most members and items that are read: many more than a command has, few enough to name what is wrong with each. */
export const valueLimit = 1_000

const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype'])
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const space = /[ \t\n\r]*/y

/** Thrown to leave the recursion; caught in `decodeJson`. */
class Refuse extends Error {
  readonly refused: JsonRefused
  constructor(refused: JsonRefused) {
    super()
    this.refused = refused
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

class Reader {
  readonly #text: string
  #at = 0
  readonly #path: (string | number)[] = []

  constructor(text: string) {
    this.#text = text
  }

  whole(): unknown {
    const value = this.#value()
    this.#skip()
    if (this.#at < this.#text.length) this.#malformed()
    return value
  }

  #value(): unknown {
    if (++this.#values > valueLimit) this.#unwanted(`is beyond the ${valueLimit} values that a body may hold`)
    this.#skip()
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object()
      case '[':
        return this.#array()
      case '"':
        return this.#string()
      case 't':
        return this.#word('true', true)
      case 'f':
        return this.#word('false', false)
      case 'n':
        return this.#word('null', null)
      default:
        return this.#number()
    }
  }

  #object(): Readonly<Record<string, unknown>> {
    const members: Record<string, unknown> = {}
    this.#list('}', () => {
      this.#skip()
      if (this.#text[this.#at] !== '"') this.#malformed()
      const key = this.#string()
      this.#path.push(key)
      if (forbiddenKeys.has(key)) this.#unwanted('is not a field here')
      if (Object.hasOwn(members, key)) this.#unwanted('is given twice')
      this.#skip()
      if (this.#text[this.#at] !== ':') this.#malformed()
      this.#at++
      members[key] = this.#value()
      this.#path.pop()
    })
    return members
  }

  #array(): readonly unknown[] {
    const items: unknown[] = []
    this.#list(']', () => {
      this.#path.push(items.length)
      items.push(this.#value())
      this.#path.pop()
    })
    return items
  }

  #depth = 0
  #values = 0

  /** From the opening to the closing bracket, with a comma between each two. */
  #list(closing: string, each: () => void): void {
    if (++this.#depth > depthLimit) this.#unwanted(`is nested more than ${depthLimit} levels deep`)
    this.#at++
    this.#skip()
    if (this.#text[this.#at] !== closing) {
      each()
      this.#skip()
      while (this.#text[this.#at] === ',') {
        this.#at++
        each()
        this.#skip()
      }
      if (this.#text[this.#at] !== closing) this.#malformed()
    }
    this.#at++
    this.#depth--
  }

  #string(): string {
    const start = this.#at++
    for (let code = this.#text.charCodeAt(this.#at); code !== 0x22; code = this.#text.charCodeAt(this.#at)) {
      if (!(code >= 0x20)) this.#malformed()
      this.#at += code === 0x5c ? 2 : 1
    }
    this.#at++
    const value = this.#unescaped(this.#text.slice(start, this.#at))
    if (!value.isWellFormed()) this.#unwanted('holds half of a surrogate pair')
    if (value.includes('\0')) this.#unwanted('holds a NUL character')
    return value
  }

  #unescaped(literal: string): string {
    try {
      return String(JSON.parse(literal))
    } catch {
      return this.#malformed()
    }
  }

  #number(): number {
    number.lastIndex = this.#at
    const digits = number.exec(this.#text)?.[0]
    if (digits === undefined) return this.#malformed()
    this.#at += digits.length
    const value = Number(digits)
    if (Math.abs(value) > Number.MAX_SAFE_INTEGER)
      this.#unwanted(`must be a number from -${Number.MAX_SAFE_INTEGER} to ${Number.MAX_SAFE_INTEGER}`)
    return value
  }

  #word<A>(word: string, value: A): A {
    if (!this.#text.startsWith(word, this.#at)) this.#malformed()
    this.#at += word.length
    return value
  }

  #skip(): void {
    space.lastIndex = this.#at
    this.#at += space.exec(this.#text)?.[0].length ?? 0
  }

  #malformed(): never {
    const why = this.#at >= this.#text.length ? 'ends too early' : `is not JSON at character ${this.#at + 1}`
    throw new Refuse({ tag: 'Malformed', why })
  }

  #unwanted(message: string): never {
    // A key with a lone surrogate cannot be printed: the path is left empty.
    const path = this.#path.join('.')
    throw new Refuse({ tag: 'Unwanted', error: { path: path.isWellFormed() ? path : '', message } })
  }
}

/** Decodes one JSON text in time linear in its bytes. Never throws. */
export const decodeJson = (bytes: Uint8Array): Either<JsonRefused, unknown> => {
  let text: string
  try {
    text = utf8.decode(bytes)
  } catch {
    return left({ tag: 'Malformed', why: 'is not UTF-8' })
  }
  if (text.startsWith('\uFEFF')) return left({ tag: 'Malformed', why: 'begins with a byte order mark' })
  try {
    return right(new Reader(text).whole())
  } catch (error) {
    if (error instanceof Refuse) return left(error.refused)
    throw error
  }
}
