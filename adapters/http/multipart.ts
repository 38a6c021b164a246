import type { IncomingMessage } from 'node:http'
import { Busboy, type BusboyFileStream } from '@fastify/busboy'

import { left, right, type Either } from 'fp-ts/lib/Either.js'
import { mostFiles } from '../../domain/files/kinds.ts'
import { invalid } from '../../domain/refusal.ts'
import { keepPace } from './slow-body-guard.ts'
import type { Refused } from './problems.ts'

/** Takes one file of a form in; it must read the whole of it, or refuse. */
type Take<A> = (bytes: AsyncIterable<Uint8Array>, name: string) => Promise<Either<Refused, A>>

const limits = { files: mostFiles, fields: 0, parts: 2 * mostFiles, headerPairs: 20, headerSize: 16_384 }

const notForm = (why: string): Refused => ({ tag: 'UnsupportedMediaType', expected: 'multipart/form-data', why })
const broken = invalid('', 'the form is not whole: its parts do not end where they should')

/** Undoes what browsers do to names in a form, and nothing more (WHATWG HTML, "multipart/form-data encoding"). */
const unescaped = (name: string): string =>
  name.replaceAll(/%(22|0D|0A)/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))

const formOf = (request: IncomingMessage): Either<Refused, InstanceType<typeof Busboy>> => {
  const type = request.headers['content-type']
  if (type === undefined || !/^multipart\/form-data *;/i.test(type)) return left(notForm('with parts named "file"'))
  try {
    return right(new Busboy({ headers: { ...request.headers, 'content-type': type }, limits, preservePath: true }))
  } catch {
    return left(notForm('with the boundary of its parts'))
  }
}

/**
 * Reads the files of a multipart form one after another as they arrive, none of them whole in memory. At the first
 * refusal the rest is read no further. Right holds what was taken, in the form's order; `undo` gets what was taken before
 * a refusal.
 */
export const readFiles = async <A>(
  request: IncomingMessage,
  take: Take<A>,
  undo: (taken: readonly A[]) => Promise<void>,
): Promise<Either<Refused, readonly A[]>> => {
  const opened = formOf(request)
  if (opened._tag === 'Left') return opened
  const form = opened.right
  const taken: A[] = []
  const streams = new Set<BusboyFileStream>()
  let turn: Promise<void> = Promise.resolve()

  const outcome = await new Promise<Either<Refused, void>>((resolve, reject) => {
    let over = false
    const end = (answer: Either<Refused, void>): void => {
      if (over) return
      over = true
      request.unpipe(form)
      if (answer._tag === 'Left') {
        for (const stream of streams) stream.destroy(new Error('the form was refused'))
      }
      resolve(answer)
    }
    const refuse = (refused: Refused): void => end(left(refused))

    const takeNext = async (field: string, stream: BusboyFileStream, name: string | undefined): Promise<void> => {
      if (over) return
      if (field !== 'file') return refuse(invalid(field, 'is unknown: name each part "file"'))
      if (name === undefined) return refuse(invalid('file', 'must have a file name'))
      const one = await take(stream, unescaped(name))
      if (one._tag === 'Left') refuse(one.left)
      else taken.push(one.right)
    }

    form.on('file', (field, stream, name: string | undefined) => {
      streams.add(stream)
      // The parser only says so; destroyed, whoever reads the stream now or later learns of it.
      stream.on('error', (error) => stream.destroy(error))
      turn = turn
        .then(() => takeNext(field, stream, name))
        .catch((error: unknown) => (stream.errored === null ? reject(error) : refuse(broken)))
    })
    form.on('filesLimit', () => refuse({ tag: 'TooManyFiles', count: mostFiles + 1 }))
    form.on('fieldsLimit', () => refuse(invalid('', 'holds something else than files: name each part "file"')))
    form.on('partsLimit', () => refuse(invalid('', 'has too many parts')))
    form.on('error', () => refuse(broken))
    form.on('finish', () => void turn.then(() => end(right(undefined))))
    request.once('close', () => request.complete || refuse(broken))
    keepPace(request)
    request.pipe(form)
  })

  await turn
  const refused = outcome._tag === 'Left' ? outcome.left : taken.length === 0 ? invalid('file', 'must be sent') : null
  if (refused === null) return right(taken)
  await undo(taken)
  return left(refused)
}
