import { sequenceS } from 'fp-ts/lib/Apply.js'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { messageOf } from '../adapters/errors.ts'
import { trustedProxiesOf } from '../adapters/http/forwarding.ts'
import { isLoopback } from '../adapters/loopback.ts'
import { connectionStringError } from '../adapters/event-store/eventstoredb/connect.ts'
import type { LogPlace } from './event-store.ts'
import { readCategories } from './categories.ts'
import type { Failure } from './failures.ts'
import { senderOf, smtpOf } from './mail-config.ts'
import { checkDemo, providerOf, readRoles } from './sign-in-config.ts'

/** An environment variable and the value that it sets. */
interface Setting<A> {
  readonly variable: string
  /** The default as `serve --help` prints it; empty for none. */
  readonly fallback: string
  readonly meaning: string
  /** The variable with `_FILE` may name a file with the value. */
  readonly isSecret?: true
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

/** A setting that should not stand in the environment. */
const secret = <A>(of: Setting<A>): Setting<A> => ({
  ...of,
  isSecret: true,
  meaning: `${of.meaning}; or ${of.variable}_FILE, a file with it`,
})

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

const logPlaceOf = (text: string, dataFolder: string): E.Either<string, LogPlace> => {
  if (text === 'sqlite') return E.right({ folder: dataFolder })
  const error = text.startsWith('esdb') ? connectionStringError(text) : 'must be sqlite or a connection string esdb://…'
  return error === null
    ? E.right({ connectionString: text, searchedFile: join(dataFolder, 'cluster-searched.json') })
    : E.left(error)
}

/** An issuer is compared by its text, so nothing of it is changed. */
const issuerOf = (text: string): E.Either<string, string> => {
  const url = URL.parse(text)
  if (url === null || url.search !== '' || url.hash !== '') return E.left(`must be an https address, and is "${text}"`)
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))
    ? E.right(text)
    : E.left(`must be https, or http on loopback, and is "${text}"`)
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

/** An address that is read by people and compared by bytes: scheme, host and port, and http on loopback alone. */
const originOf = (text: string): E.Either<string, string> => {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    return E.left(`must be an http or https address, and is "${text}"`)
  }
  if (url.href !== `${url.origin}/`) return E.left(`must end with the host or its port, and is "${text}"`)
  return url.protocol === 'https:' || isLoopback(url.hostname)
    ? E.right(url.origin)
    : E.left(`must be https, since cookies and passwords would be readable on the way, and is "${text}"`)
}

/**
 * Every setting of the server: the environment variable, its default, its meaning and its parser. `Config`, `readConfig`
 * and `serve --help` derive from this list, and docs/operations/configuration.md has a line for each.
 */
export const settings = {
  port: withDefault('PORT', '8080', 'the port to listen on; 0 picks a free one', wholeNumber(0, 65_535)),
  host: withDefault('HOST', '127.0.0.1', 'the address to listen on; demo sign-in allows only loopback', E.right),
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
  log: secret(
    withDefault(
      'LEDGERDESK_EVENT_STORE',
      'sqlite',
      'the event store: sqlite, in the data folder; or esdb://…, a cluster',
      logPlaceOf,
    ),
  ),
  auth: withDefault(
    'LEDGERDESK_AUTH',
    'demo',
    'how people sign in: demo, on loopback, as one of the demo people; or oidc, at a provider',
    oneOf('demo', 'oidc'),
  ),
  oidcIssuer: optional('LEDGERDESK_OIDC_ISSUER', "the provider's issuer, an https address", issuerOf),
  oidcClientId: optional('LEDGERDESK_OIDC_CLIENT_ID', 'the id of this server at the provider', E.right),
  oidcClientSecret: secret(
    optional('LEDGERDESK_OIDC_CLIENT_SECRET', 'its secret; without one it is a public client', E.right),
  ),
  oidcAudience: optional(
    'LEDGERDESK_OIDC_AUDIENCE',
    "the audience of the provider's access tokens for services; without it none are accepted",
    E.right,
  ),
  oidcScopes: withDefault('LEDGERDESK_OIDC_SCOPES', 'openid profile email', 'what is asked of the provider', (text) =>
    text.split(' ').includes('openid') ? E.right(text) : E.left(`must contain openid, and is "${text}"`),
  ),
  roles: optional('LEDGERDESK_ROLES', 'a JSON file {"rules","contact"} that says who is what', readRoles),
  keysFile: setting(
    'LEDGERDESK_KEYS',
    'keys.json in LEDGERDESK_DATA',
    'the file with the keys that sign sessions, links in mails and demo tokens',
    (text, dataFolder) => E.right(text ?? join(dataFolder, 'keys.json')),
  ),
  publicUrl: setting(
    'LEDGERDESK_PUBLIC_URL',
    'the listening URL',
    'the address of this server in mails and responses',
    (text) => (text === undefined ? E.right(undefined) : originOf(text)),
  ),
  trustedProxies: optional(
    'LEDGERDESK_TRUST_PROXY',
    'the addresses of the proxies before the server, or their number; without it forwarding headers mean nothing',
    trustedProxiesOf,
  ),
  metrics: optional(
    'LEDGERDESK_METRICS',
    'host:port for /metrics alone, such as 127.0.0.1:9464; without it demo mode shows them at PORT, oidc nowhere',
    socketOf,
  ),
  smtp: secret(
    optional(
      'LEDGERDESK_SMTP_URL',
      'smtp:// or smtps://user:password@host:port; without it mails are logged, not sent',
      smtpOf,
    ),
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

/** The text of a variable, or of the file that its `_FILE` names, without the line's end. */
const textOf = (
  env: NodeJS.ProcessEnv,
  { variable, isSecret }: Pick<Setting<unknown>, 'variable' | 'isSecret'>,
): E.Either<string, string | undefined> => {
  const text = env[variable] || undefined
  const file = isSecret === true ? env[`${variable}_FILE`] || undefined : undefined
  if (file === undefined) return E.right(text)
  if (text !== undefined) return E.left(`is set beside ${variable}_FILE: keep one of them`)
  return pipe(
    E.tryCatch(
      () => readFileSync(file, 'utf8').replace(/\r?\n$/, ''),
      (error) => `cannot be read from ${variable}_FILE: ${messageOf(error)}`,
    ),
    E.map((content) => (content === '' ? undefined : content)),
  )
}

/** One setting, for commands that need no more. */
export const readSetting = <A>(env: NodeJS.ProcessEnv, setting: Setting<A>): E.Either<Failure, A> => {
  const { variable, parse } = setting
  return pipe(
    textOf(env, setting),
    E.flatMap((text) => parse(text, dataFolder(env))),
    E.mapLeft((problem): Failure => ({ code: 'InvalidConfiguration', variable, problem })),
  )
}

/** All settings, or the first one that is invalid. */
export const readConfig = (env: NodeJS.ProcessEnv): E.Either<Failure, Config> => {
  const read = <A>(each: Setting<A>): E.Either<Failure, A> => readSetting(env, each)
  const all = sequenceS(E.Applicative)({
    auth: read(settings.auth),
    oidcIssuer: read(settings.oidcIssuer),
    oidcClientId: read(settings.oidcClientId),
    oidcClientSecret: read(settings.oidcClientSecret),
    oidcAudience: read(settings.oidcAudience),
    oidcScopes: read(settings.oidcScopes),
    roles: read(settings.roles),
    host: read(settings.host),
    port: read(settings.port),
    data: read(settings.data),
    files: read(settings.files),
    clamd: read(settings.clamd),
    log: read(settings.log),
    keysFile: read(settings.keysFile),
    publicUrl: read(settings.publicUrl),
    trustedProxies: read(settings.trustedProxies),
    metrics: read(settings.metrics),
    smtp: read(settings.smtp),
    mailFrom: read(settings.mailFrom),
    categories: read(settings.categories),
    rateLimit: read(settings.rateLimit),
    logLevel: read(settings.logLevel),
  })
  return pipe(
    all,
    E.tap((config): E.Either<Failure, unknown> => (config.auth === 'demo' ? checkDemo(config) : providerOf(config))),
  )
}
