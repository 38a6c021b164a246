import { join, resolve } from 'node:path'
import { messageOf } from '../adapters/errors.ts'
import type { Sender } from '../adapters/mail/message.ts'
import type { SmtpServer } from '../adapters/mail/smtp.ts'
import { flawOfCluster, type LogPlace } from './event-store.ts'
import type { ListedCategory } from '../domain/ticket/category.ts'
import { readCategories } from './categories.ts'
import { whole, wrong } from './config-error.ts'
import { senderOf, smtpOf } from './mail-config.ts'

export interface Config {
  readonly port: number
  readonly host: string
  /** The folder with everything that lasts. */
  readonly data: string
  /** Where the log is. */
  readonly log: LogPlace
  /** The folder with the attachments; several servers may share it. */
  readonly files: string
  /** The virus scanner's socket. */
  readonly clamd: { readonly host: string; readonly port: number } | undefined
  readonly publicUrl: string | undefined
  /** Where mails are handed over; undefined: they are noted, not sent. */
  readonly smtp: SmtpServer | undefined
  readonly mailFrom: Sender
  readonly categories: readonly ListedCategory[]
  readonly signingKeyFile: string
  readonly logLevel: string
  /** Requests a minute for one caller. */
  readonly rateLimit: number
}

/** Every variable that `serve` reads: name, default, meaning. `serve --help` prints this list. */
export const variables: readonly (readonly [name: string, fallback: string, meaning: string])[] = [
  ['PORT', '8080', 'where it listens; 0 picks a free port'],
  ['HOST', '127.0.0.1', 'the address it listens on; demo sign-in refuses any but loopback'],
  ['LEDGERDESK_DATA', './data', 'the folder with everything that lasts'],
  ['LEDGERDESK_FILES', 'files in LEDGERDESK_DATA', 'the folder with the attachments, which several servers may share'],
  ['LEDGERDESK_CLAMD', '', 'host:port of clamd, which scans every upload; none are scanned unless set'],
  ['LEDGERDESK_EVENT_STORE', 'sqlite', 'the event store: sqlite, in the data folder; or esdb://…, a cluster'],
  ['LEDGERDESK_AUTH', 'demo', 'who signs people in: demo, with a key made in the data folder'],
  [
    'LEDGERDESK_SIGNING_KEY',
    '',
    'a file with the key that signs tokens and links in mails, instead of the one in the data folder',
  ],
  ['LEDGERDESK_PUBLIC_URL', 'the listening URL', 'for links in mails and answers'],
  ['LEDGERDESK_SMTP_URL', '', 'smtp:// or smtps://user:password@host:port; mails are logged, not sent, unless set'],
  ['LEDGERDESK_MAIL_FROM', 'Ledgerdesk <ledgerdesk@localhost>', 'who mails come from'],
  ['LEDGERDESK_CATEGORIES', 'built in', 'a JSON file [{"id","name"}] with the ticket types'],
  ['LEDGERDESK_RATE_LIMIT', '6000', 'requests a minute for one caller'],
  ['LOG_LEVEL', 'info', 'trace, debug, info, warn, error, fatal or silent; logs go to stderr'],
]

const loopback = /^(localhost|127(\.\d{1,3}){3}|::1)$/
const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']

const urlOf = (name: string, text: string): string =>
  /^https?:$/.test(URL.parse(text)?.protocol ?? '')
    ? text.replace(/\/+$/, '')
    : wrong(name, `must be an http or https address, and is "${text}"`)

const categoriesOf = (file: string | undefined): readonly ListedCategory[] => {
  try {
    return readCategories(file)
  } catch (error) {
    return wrong('LEDGERDESK_CATEGORIES', `"${file}" cannot be used: ${messageOf(error)}`)
  }
}

/** `host:port`; an IPv6 address in brackets. */
const socketOf = (name: string, text: string): { readonly host: string; readonly port: number } => {
  const [, host, port] = /^(\[[\da-f:]+\]|[\w.-]+):(\d{1,5})$/i.exec(text) ?? []
  if (host === undefined || port === undefined) return wrong(name, `must be host:port, and is "${text}"`)
  return { host: host.replaceAll(/[[\]]/g, ''), port: whole(name, port, 1, 65_535) }
}

/** Only the folder of files, for commands that need no more. */
export const filesFolder = (env: NodeJS.ProcessEnv): string =>
  resolve(env['LEDGERDESK_FILES'] || join(dataFolder(env), 'files'))

/** Only the data folder, for commands that need no more. An empty variable counts as unset. */
export const dataFolder = (env: NodeJS.ProcessEnv): string => resolve(env['LEDGERDESK_DATA'] || './data')

/** Only where the log is, for commands that need no more. @throws ConfigError naming the variable. */
export const logPlace = (env: NodeJS.ProcessEnv): LogPlace => {
  const store = env['LEDGERDESK_EVENT_STORE'] || 'sqlite'
  if (store === 'sqlite') return { folder: dataFolder(env) }
  const flaw = store.startsWith('esdb') ? flawOfCluster(store) : 'must be sqlite or a connection string esdb://…'
  return flaw === null ? { connectionString: store } : wrong('LEDGERDESK_EVENT_STORE', flaw)
}

/**
 * Reads the environment.
 * @throws ConfigError naming the variable.
 */
export const readConfig = (env: NodeJS.ProcessEnv): Config => {
  const value = (name: string): string | undefined => env[name] || undefined
  const host = value('HOST') ?? '127.0.0.1'
  const auth = value('LEDGERDESK_AUTH') ?? 'demo'
  if (auth === 'oidc') wrong('LEDGERDESK_AUTH', 'oidc is not built yet; use demo, on loopback')
  if (auth !== 'demo') wrong('LEDGERDESK_AUTH', `must be demo, and is "${auth}"`)
  if (!loopback.test(host)) wrong('HOST', `demo sign-in is for loopback only, and this is "${host}"`)
  const logLevel = value('LOG_LEVEL') ?? 'info'
  if (!levels.includes(logLevel)) wrong('LOG_LEVEL', `must be one of ${levels.join(', ')}, and is "${logLevel}"`)
  const clamd = value('LEDGERDESK_CLAMD')
  const publicUrl = value('LEDGERDESK_PUBLIC_URL')
  const smtp = value('LEDGERDESK_SMTP_URL')
  return {
    port: whole('PORT', value('PORT') ?? '8080', 0, 65_535),
    host,
    data: dataFolder(env),
    log: logPlace(env),
    files: filesFolder(env),
    clamd: clamd === undefined ? undefined : socketOf('LEDGERDESK_CLAMD', clamd),
    publicUrl: publicUrl === undefined ? undefined : urlOf('LEDGERDESK_PUBLIC_URL', publicUrl),
    smtp: smtp === undefined ? undefined : smtpOf('LEDGERDESK_SMTP_URL', smtp),
    mailFrom: senderOf('LEDGERDESK_MAIL_FROM', value('LEDGERDESK_MAIL_FROM') ?? 'Ledgerdesk <ledgerdesk@localhost>'),
    categories: categoriesOf(value('LEDGERDESK_CATEGORIES')),
    signingKeyFile: value('LEDGERDESK_SIGNING_KEY') ?? join(dataFolder(env), 'signing-key'),
    logLevel,
    rateLimit: whole('LEDGERDESK_RATE_LIMIT', value('LEDGERDESK_RATE_LIMIT') ?? '6000', 1, 100_000_000),
  }
}
