import { sequenceS } from 'fp-ts/lib/Apply.js'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { join, resolve } from 'node:path'
import { messageOf } from '../adapters/errors.ts'
import { connectionStringError } from '../adapters/event-store/eventstoredb/connect.ts'
import type { LogPlace } from './event-store.ts'
import { readCategories } from './categories.ts'
import type { Failure } from './failures.ts'
import { senderOf, smtpOf } from './mail-config.ts'

/** An environment variable and the value that it sets. */
interface Setting<A> {
  readonly variable: string
  /** The default as `serve --help` prints it; empty for none. */
  readonly fallback: string
  readonly meaning: string
  /** `text` is undefined where the variable is unset or empty. A Left is a predicate: "must be …". */
  readonly parse: (text: string | undefined, dataFolder: string) => E.Either<string, A>
}

/** `fallback` describes a default that depends on something else. */
const setting = <A>(variable: string, fallback: string, meaning: string, parse: Setting<A>['parse']): Setting<A> => ({
  variable,
  fallback,
  meaning,
  parse,
})

/** `fallback` is the text of the default. */
const withDefault = <A>(
  variable: string,
  fallback: string,
  meaning: string,
  parse: (text: string, dataFolder: string) => E.Either<string, A>,
): Setting<A> => setting(variable, fallback, meaning, (text = fallback, dataFolder) => parse(text, dataFolder))

const optional = <A>(
  variable: string,
  meaning: string,
  parse: (text: string) => E.Either<string, A>,
): Setting<A | undefined> =>
  setting(variable, '', meaning, (text) => (text === undefined ? E.right(undefined) : parse(text)))

const wholeNumber =
  (min: number, max: number) =>
  (text: string): E.Either<string, number> =>
    /^\d{1,9}$/.test(text) && Number(text) >= min && Number(text) <= max
      ? E.right(Number(text))
      : E.left(`must be a whole number from ${min} to ${max}, and is "${text}"`)

const oneOf =
  <A extends string>(...values: readonly A[]) =>
  (text: string): E.Either<string, A> =>
    pipe(
      values.find((value) => value === text),
      E.fromNullable(`must be one of ${values.join(', ')}, and is "${text}"`),
    )

const loopback = /^(localhost|127(\.\d{1,3}){3}|::1)$/

const logPlaceOf = (text: string, dataFolder: string): E.Either<string, LogPlace> => {
  if (text === 'sqlite') return E.right({ folder: dataFolder })
  const error = text.startsWith('esdb') ? connectionStringError(text) : 'must be sqlite or a connection string esdb://…'
  return error === null
    ? E.right({ connectionString: text, searchedFile: join(dataFolder, 'cluster-searched.json') })
    : E.left(error)
}

/** `host:port`; an IPv6 address in brackets. */
const socketOf = (text: string): E.Either<string, { readonly host: string; readonly port: number }> => {
  const [, host, port] = /^(\[[\da-f:]+\]|[\w.-]+):(\d{1,5})$/i.exec(text) ?? []
  if (host === undefined || port === undefined) return E.left(`must be host:port, and is "${text}"`)
  return pipe(
    wholeNumber(1, 65_535)(port),
    E.map((number) => ({ host: host.replaceAll(/[[\]]/g, ''), port: number })),
  )
}

const httpUrlOf = (text: string): E.Either<string, string> =>
  /^https?:$/.test(URL.parse(text)?.protocol ?? '')
    ? E.right(text.replace(/\/+$/, ''))
    : E.left(`must be an http or https address, and is "${text}"`)

/**
 * Every setting of the server: the environment variable, its default, its meaning and its parser. `Config`, `readConfig`
 * and `serve --help` derive from this list, and docs/operations/configuration.md has a line for each.
 */
export const settings = {
  port: withDefault('PORT', '8080', 'the port to listen on; 0 picks a free one', wholeNumber(0, 65_535)),
  host: withDefault('HOST', '127.0.0.1', 'the address to listen on; demo sign-in allows only loopback', (text) =>
    loopback.test(text) ? E.right(text) : E.left(`demo sign-in is for loopback only, and this is "${text}"`),
  ),
  data: withDefault('LEDGERDESK_DATA', './data', 'the folder for all data that lasts', (text) =>
    E.right(resolve(text)),
  ),
  files: setting(
    'LEDGERDESK_FILES',
    'files in LEDGERDESK_DATA',
    'the folder for the attachments, which several servers may share',
    (text, dataFolder) => E.right(resolve(text ?? join(dataFolder, 'files'))),
  ),
  clamd: optional('LEDGERDESK_CLAMD', 'host:port of clamd, which scans every upload; without it none are', socketOf),
  log: withDefault(
    'LEDGERDESK_EVENT_STORE',
    'sqlite',
    'the event store: sqlite, in the data folder; or esdb://…, a cluster',
    logPlaceOf,
  ),
  auth: withDefault(
    'LEDGERDESK_AUTH',
    'demo',
    'how people sign in: demo, with a key that is made in the data folder',
    (text) => (text === 'oidc' ? E.left('oidc is not built yet; use demo, on loopback') : oneOf('demo')(text)),
  ),
  signingKeyFile: setting(
    'LEDGERDESK_SIGNING_KEY',
    'signing-key in LEDGERDESK_DATA',
    'the file with the key that signs tokens and links in mails',
    (text, dataFolder) => E.right(text ?? join(dataFolder, 'signing-key')),
  ),
  publicUrl: setting(
    'LEDGERDESK_PUBLIC_URL',
    'the listening URL',
    'the address of this server in mails and responses',
    (text) => (text === undefined ? E.right(undefined) : httpUrlOf(text)),
  ),
  smtp: optional(
    'LEDGERDESK_SMTP_URL',
    'smtp:// or smtps://user:password@host:port; without it mails are logged, not sent',
    smtpOf,
  ),
  mailFrom: withDefault(
    'LEDGERDESK_MAIL_FROM',
    'Ledgerdesk <ledgerdesk@localhost>',
    'the sender of mails: an address, or a name and <address>',
    senderOf,
  ),
  categories: setting(
    'LEDGERDESK_CATEGORIES',
    'built in',
    'a JSON file [{"id","name","retired"?}] with the ticket types',
    (file) =>
      E.tryCatch(
        () => readCategories(file),
        (error) => `"${file}" cannot be used: ${messageOf(error)}`,
      ),
  ),
  rateLimit: withDefault(
    'LEDGERDESK_RATE_LIMIT',
    '6000',
    'requests a minute for one caller',
    wholeNumber(1, 100_000_000),
  ),
  logLevel: withDefault(
    'LOG_LEVEL',
    'info',
    'trace, debug, info, warn, error, fatal or silent; logs go to stderr',
    oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
  ),
}

type Settings = typeof settings
type ValueOf<S> = S extends Setting<infer A> ? A : never
export type Config = { readonly [K in keyof Settings]: ValueOf<Settings[K]> }

/** The data folder, for commands that need no more. */
export const dataFolder = (env: NodeJS.ProcessEnv): string =>
  resolve(env[settings.data.variable] || settings.data.fallback)

/** One setting, for commands that need no more. */
export const readSetting = <A>(env: NodeJS.ProcessEnv, { variable, parse }: Setting<A>): E.Either<Failure, A> =>
  pipe(
    parse(env[variable] || undefined, dataFolder(env)),
    E.mapLeft((problem) => ({ code: 'InvalidConfiguration', variable, problem })),
  )

/** All settings, or the first one that is invalid. */
export const readConfig = (env: NodeJS.ProcessEnv): E.Either<Failure, Config> => {
  const read = <A>(each: Setting<A>): E.Either<Failure, A> => readSetting(env, each)
  return sequenceS(E.Applicative)({
    auth: read(settings.auth),
    host: read(settings.host),
    port: read(settings.port),
    data: read(settings.data),
    files: read(settings.files),
    clamd: read(settings.clamd),
    log: read(settings.log),
    signingKeyFile: read(settings.signingKeyFile),
    publicUrl: read(settings.publicUrl),
    smtp: read(settings.smtp),
    mailFrom: read(settings.mailFrom),
    categories: read(settings.categories),
    rateLimit: read(settings.rateLimit),
    logLevel: read(settings.logLevel),
  })
}
