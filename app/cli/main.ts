import { Command, CommanderError } from 'commander'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { EventStore } from '../../domain/event-log/event-store.ts'
import { dataFolder, readSetting, settings } from '../config.ts'
import type { LogPlace } from '../event-store.ts'
import { attempt, exitStatusOf, failureText, type Failure } from '../failures.ts'
import { systemPorts } from '../system.ts'
import { copy } from './copy.ts'
import { checkFiles } from './doctor.ts'
import { printExport } from './export.ts'
import { printHistory } from './history.ts'
import { rotate } from './keys.ts'
import { importCommands, importEvents } from './import.ts'
import { setDataFolder, withLog, withNewLog } from './log.ts'
import { mails, type MailOptions } from './mail.ts'
import { endProgress, handleOutputErrors } from './output.ts'
import { printProjections } from './projections.ts'
import { runProject } from './project.ts'
import { printHead, printProof, printProofs } from './proofs.ts'
import { printRebuild, projectionNames } from './rebuild.ts'
import { formats, printReport, reportHelp, reportNames, type ReportOptions } from './report.ts'
import { serve } from './serve.ts'
import { printToken } from './token.ts'
import { verify, type VerifyOptions } from './verify.ts'

const environmentHelp = (): string => {
  const all = Object.values(settings)
  const width = Math.max(...all.map(({ variable }) => variable.length))
  const lines = all.map(({ variable, fallback, meaning }) => {
    const shown = fallback === '' ? '' : ` [${fallback}]`
    return `  ${variable.padEnd(width)}  ${meaning}${shown}`
  })
  return `\nEnvironment variables, with their defaults:\n${lines.join('\n')}\n`
}

type Work = TE.TaskEither<Failure, void>

/** The commands. Each action ends in `run`. */
const program = (env: NodeJS.ProcessEnv, run: (work: Work) => Promise<void>): Command => {
  const data = dataFolder(env)
  const withPlace = (use: (place: LogPlace) => Work): Promise<void> =>
    run(pipe(TE.fromEither(readSetting(env, settings.log)), TE.flatMap(use)))
  const onLog = (use: (store: EventStore, place: LogPlace) => Work): Promise<void> =>
    withPlace((place) => withLog(place, setDataFolder, (store) => use(store, place)))

  const ledgerdesk = new Command('ledgerdesk')
    .description('A helpdesk whose every fact is an event in an append-only log.')
    .showHelpAfterError('(add --help for the commands and options)')
    .exitOverride()

  ledgerdesk
    .command('serve')
    .description('run the server until it gets SIGINT or SIGTERM')
    .option('--demo', 'on a temporary folder filled with a few dozen tickets')
    .addHelpText('after', environmentHelp())
    .action((options: { demo?: true }) => run(serve(env, options.demo === true)))

  ledgerdesk
    .command('token')
    .description('print a bearer token for a person or service (demo sign-in)')
    .option('--demo <name>', 'one of the demo people, such as "Ann Archer"')
    .option('--id <id>', 'the id of any other person or service')
    .option('--name <name>', 'the full name')
    .option('--email <mail>', 'the mail address')
    .option('--role <role>', 'customer, support, auditor, analyst or service')
    .option('--account <account>', 'the account of a customer, or of a service that is bound to one')
    .option('--ttl <time>', 'how long it is valid: 30m, 8h, 7d, at most 90d', '8h')
    .action((options: Parameters<typeof printToken>[1]) => run(printToken(env, options)))

  ledgerdesk
    .command('keys')
    .description('manage the keys that sign sessions and links in mails')
    .command('rotate')
    .description('add new keys; the old ones are accepted as long as what they signed is valid')
    .option('--revoke', 'remove the old ones: everybody signs in again, and links in older mails end')
    .action((options: { revoke?: true }) => run(rotate(env, options.revoke === true)))

  ledgerdesk
    .command('import')
    .description('run recorded commands, or with --events restore exported events as they were')
    .argument('<file>', 'NDJSON, one command (or event) a line')
    .option('--events', 'the file is an export')
    .option('--source <name>', 'the name of the source system, which has ticket keys of its own', 'import')
    .addHelpText(
      'after',
      '\nRefused commands go to FILE.rejects.ndjson with the reason. Importing a file again adds nothing.\n',
    )
    .action((file: string, options: { events?: true; source: string }) =>
      withPlace((place) =>
        withNewLog(place, (store) =>
          options.events === true
            ? importEvents(store, place, data, file)
            : importCommands(store, data, file, options.source, env),
        ),
      ),
    )

  ledgerdesk
    .command('export')
    .description('print events as NDJSON, in log order')
    .option('--ticket <id>', 'only those of one ticket')
    .option('--after <position>', 'only those after a position')
    .action((options: { ticket?: string; after?: string }) => onLog((store) => printExport(store, options)))

  ledgerdesk
    .command('copy')
    .description('copy the log to another store, or continue an interrupted copy')
    .requiredOption('--from <log>', 'sqlite:DIR, a data folder; or esdb://…')
    .requiredOption('--to <log>', 'sqlite:DIR or esdb://…; it must be empty, or hold the beginning of this copy')
    .option('--seal', 'end the log that is copied: it takes no more commands, and names the other one')
    .action((options: Parameters<typeof copy>[0]) => run(copy(options)))

  ledgerdesk
    .command('history')
    .description("print a ticket's full history")
    .argument('<ticket>', 'its id, such as T-0123ABCD')
    .option('--as-of <time>', 'only what had happened by then (ISO time)')
    .option('--version <n>', 'only up to this version of the ticket')
    .option('--json', 'one JSON object a line')
    .action((ticket: string, options: { asOf?: string; version?: string; json?: boolean }) =>
      onLog((store) => printHistory(store, ticket, options)),
    )

  ledgerdesk
    .command('head')
    .description('sign the log at its current end and print the tree head, to be stored elsewhere')
    .option('--public-key', 'print the key that heads and proofs are checked with instead')
    .action((options: { publicKey?: true }) => onLog((store) => printHead(store, data, options.publicKey === true)))

  ledgerdesk
    .command('verify')
    .description('check every hash and the whole log, or with --bundle the proof of one ticket')
    .option('--since <head-file>', 'also that the log still begins with what this head signed')
    .option('--bundle <file>', 'check the output of prove, without the server or its data')
    .option('--key <key>', 'the public key to trust, or a file with it, instead of the data folder’s own')
    .addHelpText(
      'after',
      '\nPrints {"events","ok","firstBad"}: firstBad is the position of the first event that was altered.\n' +
        'Without --bundle a log in which nothing was altered is also signed: that writes proofs.db, and at the first time\n' +
        'tree-key, into the data folder.\n',
    )
    .action((options: VerifyOptions) => withPlace((place) => verify(place, data, options)))

  ledgerdesk
    .command('prove')
    .description("print a ticket's history with a proof that the signed log contains it")
    .argument('<ticket>', 'its id, such as T-0123ABCD')
    .action((ticket: string) => onLog((store) => printProof(store, data, ticket)))

  ledgerdesk
    .command('proofs')
    .description('print how much of the log was signed here, and which proofs of other histories are kept')
    .option('--aside', 'keep these proofs aside, for a log that begins anew')
    .action((options: { aside?: true }) => run(printProofs(data, options.aside === true)))

  ledgerdesk
    .command('doctor')
    .description('check that every attached file exists and is unaltered, and list those that no event names')
    .action(() =>
      onLog((store) =>
        pipe(
          TE.fromEither(readSetting(env, settings.files)),
          TE.flatMap((folder) => checkFiles(store, folder)),
        ),
      ),
    )

  ledgerdesk
    .command('mail')
    .description('list the waiting mails and the dead letters, or send them again')
    .option('--json', 'one JSON object a line')
    .option('--retry [ids...]', 'send these again, or all')
    .action((options: MailOptions) => withPlace((place) => mails(place, data, options, systemPorts.clock.now())))

  ledgerdesk
    .command('projections')
    .description("print each read model's name, version, position, lag and rate")
    .action(() => onLog((store) => printProjections(store, data, systemPorts.clock.now())))

  ledgerdesk
    .command('rebuild')
    .description('rebuild the read models beside the live ones and swap them; a server may be running')
    .argument('[name...]', 'only these; without a name all')
    .option('--check', 'only compare: print the digests of the live and the rebuilt ones')
    .addHelpText(
      'after',
      `\nThe read models are ${projectionNames.join(', ')}. With --check, exit status 1 if any differ.\n`,
    )
    .action((names: readonly string[], options: { check?: true }) =>
      onLog((_store, place) => printRebuild(place, data, names, options.check === true)),
    )

  ledgerdesk
    .command('report')
    .description('print a report')
    .argument('<name>', reportNames.join(', '))
    .option('--from <day>', 'the first day, such as 2024-05-01 (UTC)')
    .option('--to <day>', 'the last day')
    .option('--category <id>', 'only tickets of this category')
    .option('--format <format>', formats.join(', '), 'table')
    .option('--out <file>', 'write to a file instead')
    .addHelpText('after', reportHelp)
    .action((name: string, options: ReportOptions) => onLog((store) => printReport(store, data, name, options)))

  ledgerdesk
    .command('project')
    .description('run an own projection over the whole log into a SQLite file')
    .argument('<module>', 'a TypeScript file that exports a projection, such as examples/reopens-by-weekday.ts')
    .requiredOption('--out <file>', 'the SQLite file to write; the output of an earlier run is replaced')
    .action((module: string, options: { out: string }) => onLog((store) => runProject(store, module, options.out)))

  return ledgerdesk
}

const reportFailure = (failure: Failure): void => {
  endProgress()
  if (failure.code !== 'WrongUsage') process.stderr.write(`ledgerdesk: ${failureText(failure)}\n`)
  process.exitCode = exitStatusOf(failure)
}

const run = async (work: Work): Promise<void> => {
  await TE.match(reportFailure, () => undefined)(attempt(work))()
}

/** The command line. Results go to stdout, all other output to stderr. Exit status: 0 done, 1 failed, 2 wrong usage. */
export const main = async (argv: readonly string[]): Promise<void> => {
  handleOutputErrors()
  try {
    await program(process.env, run).parseAsync([...argv])
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode !== 0) reportFailure({ code: 'WrongUsage' })
      return
    }
    endProgress()
    process.stderr.write(`ledgerdesk: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    process.exitCode = 1
  }
}
