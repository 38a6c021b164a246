import type { IncomingMessage } from 'node:http'
import { Busboy, type BusboyFileStream } from '@fastify/busboy'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { mostFiles } from '../../domain/files/kinds.ts'
import { invalid } from '../../domain/refusal.ts'
import { guardSlowBody } from './body.ts'
import type { Refused } from './problems.ts'

/** Stores one file of a form. It reads all of its bytes, or refuses. */
type Take<A> = (bytes: AsyncIterable<Uint8Array>, name: string) => Promise<E.Either<Refused, A>>

const limits = { files: mostFiles, fields: 0, parts: 2 * mostFiles, headerPairs: 20, headerSize: 16_384 }

const notForm = (why: string): Refused => ({ tag: 'UnsupportedMediaType', expected: 'multipart/form-data', why })
const broken = invalid('', 'the form is not whole: its parts do not end where they should')

/** Undoes the escapes of a name in a form, and nothing more (HTML Standard, "multipart/form-data encoding"). */
const unescaped = (name: string): string =>
  name.replaceAll(/%(22|0D|0A)/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))

type Form = InstanceType<typeof Busboy>

const parserFor = ({ headers }: IncomingMessage): E.Either<Refused, Form> => {
  const type = headers['content-type']
  if (type === undefined || !/^multipart\/form-data *;/i.test(type)) return E.left(notForm('with parts named "file"'))
  return E.tryCatch(
    () => new Busboy({ headers: { ...headers, 'content-type': type }, limits, preservePath: true }),
    () => notForm('with the boundary of its parts'),
  )
}

/** Feeds the request to the parser and stores its files one after another; `taken` receives what was stored. */
const readParts = async <A>(
  request: IncomingMessage,
  form: Form,
  take: Take<A>,
  taken: A[],
): Promise<E.Either<Refused, unknown>> => {
  const streams = new Set<BusboyFileStream>()
  let storing: Promise<void> = Promise.resolve()

  const outcome = await new Promise<E.Either<Refused, unknown>>((resolve, reject) => {
    let isOver = false
    const end = (result: E.Either<Refused, unknown>): void => {
      if (isOver) return
      isOver = true
      request.unpipe(form)
      if (E.isLeft(result)) for (const stream of streams) stream.destroy(new Error('the form was refused'))
      resolve(result)
    }
    const refuse = (refused: Refused): void => end(E.left(refused))

    const takeNext = async (
      field: string | undefined,
      stream: BusboyFileStream,
      name: string | undefined,
    ): Promise<void> => {
      if (isOver) return
      if (field !== 'file') return refuse(invalid(field ?? '', 'is unknown: name each part "file"'))
      if (name === undefined) return refuse(invalid('file', 'must have a file name'))
      pipe(
        await take(stream, unescaped(name)),
        E.match(refuse, (one) => void taken.push(one)),
      )
    }

    form.on('file', (field: string | undefined, stream, name: string | undefined) => {
      streams.add(stream)
      // The parser only reports an error; a destroyed stream fails every present and later reader.
      stream.on('error', (error) => stream.destroy(error))
      storing = storing
        .then(() => takeNext(field, stream, name))
        .catch((error: unknown) => (stream.errored === null ? reject(error) : refuse(broken)))
    })
    form.on('filesLimit', () => refuse({ tag: 'TooManyFiles', count: mostFiles + 1 }))
    form.on('fieldsLimit', () => refuse(invalid('', 'holds something else than files: name each part "file"')))
    form.on('partsLimit', () => refuse(invalid('', 'has too many parts')))
    form.on('error', () => refuse(broken))
    form.on('finish', () => void storing.then(() => end(E.right(undefined))))
    request.once('close', () => request.complete || refuse(broken))
    guardSlowBody(request)
    request.pipe(form)
  })
  await storing
  return outcome
}

/**
 * Stores the files of a multipart form one after another as they arrive, without holding any whole file in memory. After
 * the first refusal nothing more is read, and `undo` receives what was stored before. Answers the files in the form's
 * order.
 */
export const readFiles = <A>(
  request: IncomingMessage,
  take: Take<A>,
  undo: (taken: readonly A[]) => Promise<void>,
): TE.TaskEither<Refused, readonly A[]> => {
  const taken: A[] = []
  return pipe(
    TE.fromEither(parserFor(request)),
    TE.flatMap((form) => () => readParts(request, form, take, taken)),
    TE.filterOrElse(
      () => taken.length > 0,
      (): Refused => invalid('file', 'must be sent'),
    ),
    TE.tapError(() => TE.fromTask(() => undo(taken))),
    TE.map(() => taken),
  )
}
