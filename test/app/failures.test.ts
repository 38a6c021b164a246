import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isLeft } from 'fp-ts/lib/Either.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readConfig, settings } from '../../app/config.ts'
import { exitStatusOf, logFieldsOf, failureText, type Failure } from '../../app/failures.ts'
import { right } from '../support/command-ports.ts'
import { position, streamName, ticketId } from '../support/ids.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const failures = suite('failures of commands and jobs')

type Code = Failure['code']

/** One of each: a new code does not compile without an example. */
const examples: { readonly [C in Code]: Extract<Failure, { readonly code: C }> } = {
  WrongUsage: { code: 'WrongUsage' },
  InvalidArgument: { code: 'InvalidArgument', name: '--ttl', problem: 'must be a time' },
  InvalidConfiguration: { code: 'InvalidConfiguration', variable: 'PORT', problem: 'must be a number' },
  NotFound: { code: 'NotFound', what: 'file x' },
  UnopenedLog: { code: 'UnopenedLog', reason: 'the log has schema 99' },
  UnreadableLog: { code: 'UnreadableLog', what: 'the log', reason: 'StoreUnavailable' },
  DamagedEvent: { code: 'DamagedEvent', position: position('7'), reason: 'cannot be read' },
  ErasedEvent: { code: 'ErasedEvent', position: position('7') },
  DifferentTarget: { code: 'DifferentTarget', reason: 'it differs from ticket-T-0000000A 1' },
  RefusedAppend: { code: 'RefusedAppend', stream: streamName('ticket-T-0000000A'), version: 1, reason: 'StorageFull' },
  UnusableImport: { code: 'UnusableImport', reason: 'line 2 is not JSON' },
  FailedVerification: { code: 'FailedVerification', firstBad: position('7'), reason: 'position 7 is missing' },
  ShorterLog: { code: 'ShorterLog' },
  ProofsOfAnotherLog: { code: 'ProofsOfAnotherLog', common: 3 },
  EmptyLog: { code: 'EmptyLog', folder: '/data', signed: 12 },
  UnsealedLog: { code: 'UnsealedLog', reason: 'StorageFull' },
  SealedElsewhere: { code: 'SealedElsewhere', to: 'sqlite:/data' },
  SealedTarget: { code: 'SealedTarget', to: 'sqlite:/data' },
  EventsAfterSeal: { code: 'EventsAfterSeal', events: ['ticket-T-0000000A 3'], count: 1 },
  ReadModelsOfAnotherLog: { code: 'ReadModelsOfAnotherLog', file: 'read-models.db' },
  UnusableProofs: { code: 'UnusableProofs', reason: 'file is not a database' },
  UnprovedTicket: { code: 'UnprovedTicket', ticket: ticketId('T-0000000A'), reason: 'an event was altered' },
  DamagedFiles: { code: 'DamagedFiles', damaged: 1, files: 2 },
  DamagedOutbox: { code: 'DamagedOutbox', reason: 'the outbox is damaged' },
  RefusedRebuild: { code: 'RefusedRebuild', reason: 'a rebuild is running' },
  DifferentReadModels: { code: 'DifferentReadModels', names: ['tickets', 'search'] },
  FailedProjection: { code: 'FailedProjection', reason: 'own.ts cannot be loaded' },
  UnusableAddress: { code: 'UnusableAddress', reason: 'the port is in use', remedy: 'choose another' },
  UnusableKeys: { code: 'UnusableKeys', reason: 'the file can be read by others' },
  UnusableData: { code: 'UnusableData', reason: 'the disk is full', remedy: 'make room' },
}

failures('each has a text of one line, a log line with its code, and an exit status', () => {
  for (const failure of Object.values(examples)) {
    assert.match(failureText(failure), /^[^\n]{10,}[^.\n]$/)
    assert.not.match(failureText(failure), /undefined|null|\[object/)
    const { code, cause, remedy } = { cause: '', remedy: null, code: '', ...logFieldsOf(failure) }
    assert.is(code, failure.code)
    assert.is(remedy === null ? cause : `${cause}; ${remedy}`, failureText(failure))
    assert.is(exitStatusOf(failure), failure.code === 'WrongUsage' ? 2 : 1)
  }
})

failures('the settings have their defaults without a variable, and an invalid variable is named', () => {
  const config = right(readConfig({ LEDGERDESK_DATA: '/data', PORT: '' }))
  assert.is(config.port, 8080)
  assert.is(config.files, '/data/files')
  assert.equal(config.log, { folder: '/data' })
  assert.equal(Object.keys(config).toSorted(), Object.keys(settings).toSorted())
  const names = Object.values(settings).map(({ variable }) => variable)
  assert.is(new Set(names).size, names.length)
  for (const [variable, value] of [
    ['PORT', '65536'],
    ['LEDGERDESK_CLAMD', 'localhost'],
    ['LEDGERDESK_PUBLIC_URL', 'ftp://x'],
    ['LEDGERDESK_PUBLIC_URL', 'https://desk.example'],
    ['LEDGERDESK_PUBLIC_URL', 'https://localhost/desk'],
    ['HOST', '0.0.0.0'],
    ['LEDGERDESK_TRUST_PROXY', 'everybody'],
    ['LEDGERDESK_TRUST_PROXY', '1'],
    ['LEDGERDESK_METRICS', '9464'],
    ['LEDGERDESK_AUTH', 'none'],
    ['LEDGERDESK_ROLES', '/none.json'],
    ['LEDGERDESK_OIDC_ISSUER', 'http://login.example'],
    ['LEDGERDESK_OIDC_SCOPES', 'profile'],
    ['LEDGERDESK_SMTP_URL', 'smtp://u:s%e@h'],
    ['LEDGERDESK_MAIL_FROM', 'nobody'],
    ['LEDGERDESK_RATE_LIMIT', '0'],
  ] as const) {
    const refused = readConfig({ [variable]: value })
    assert.ok(isLeft(refused) && refused.left.code === 'InvalidConfiguration', variable)
    if (isLeft(refused)) assert.match(failureText(refused.left), `${variable}: `)
    if (isLeft(refused) && variable === 'LEDGERDESK_SMTP_URL') assert.not.match(failureText(refused.left), 's%e')
  }
})

failures('sign-in at a provider needs its settings, and takes plain http on loopback alone', () => {
  const folder = temporaryFolder()
  try {
    const roles = join(folder.path, 'roles.json')
    const rule = { claim: 'groups', value: 'desk', role: 'support' }
    writeFileSync(roles, JSON.stringify({ rules: [rule], contact: 'us' }))
    const secret = join(folder.path, 'secret')
    writeFileSync(secret, 'a secret\n')
    const env = {
      HOST: '0.0.0.0',
      LEDGERDESK_AUTH: 'oidc',
      LEDGERDESK_PUBLIC_URL: 'https://desk.example',
      LEDGERDESK_OIDC_ISSUER: 'https://login.example/realm/',
      LEDGERDESK_OIDC_CLIENT_ID: 'ledgerdesk',
      LEDGERDESK_OIDC_CLIENT_SECRET_FILE: secret,
      LEDGERDESK_ROLES: roles,
      LEDGERDESK_TRUST_PROXY: '10.0.0.0/8',
    }
    const config = right(readConfig(env))
    assert.is(config.oidcIssuer, 'https://login.example/realm/')
    assert.is(config.oidcClientSecret, 'a secret')
    assert.is(config.roles?.contact, 'us')
    assert.is(right(readConfig({ ...env, LEDGERDESK_PUBLIC_URL: 'http://127.0.0.1:80' })).publicUrl, 'http://127.0.0.1')
    const refused = (variable: string, changed: NodeJS.ProcessEnv): void => {
      const read = readConfig({ ...env, ...changed })
      assert.ok(isLeft(read), variable)
      if (isLeft(read)) assert.match(failureText(read.left), new RegExp(`^${variable}: `))
    }
    for (const variable of ['PUBLIC_URL', 'OIDC_ISSUER', 'OIDC_CLIENT_ID', 'ROLES']) {
      refused(`LEDGERDESK_${variable}`, { [`LEDGERDESK_${variable}`]: '' })
    }
    refused('LEDGERDESK_PUBLIC_URL', { LEDGERDESK_PUBLIC_URL: 'http://desk.example' })
    refused('LEDGERDESK_OIDC_ISSUER', { LEDGERDESK_OIDC_ISSUER: 'http://login.example' })
    refused('LEDGERDESK_OIDC_CLIENT_SECRET', { LEDGERDESK_OIDC_CLIENT_SECRET: 'twice' })
    refused('LEDGERDESK_OIDC_CLIENT_SECRET', { LEDGERDESK_OIDC_CLIENT_SECRET_FILE: '/none' })
    for (const text of ['', '{', '[]', '{"rules":[],"contact":"us"}']) {
      writeFileSync(roles, text)
      refused('LEDGERDESK_ROLES', {})
    }
  } finally {
    folder.remove()
  }
})

failures.run()
