import { Command, CommanderError } from 'commander'
import { definitions } from '../../projections/reports/definitions.ts'
import { UnreadableLog } from '../../domain/event-log/event-store.ts'
import { BrokenLine } from '../import/lines.ts'
import { ConfigError } from '../config-error.ts'
import { dataFolder, filesFolder, logPlace, variables } from '../config.ts'
import { systemPorts } from '../system.ts'
import { copy } from './copy.ts'
import { examine } from './doctor.ts'
import { printExport } from './export.ts'
import { Failure } from './failure.ts'
import { printHistory } from './history.ts'
import { importCommands, importEvents } from './import.ts'
import { withLog } from './log.ts'
import { mails, type MailOptions } from './mail.ts'
import { endProgress, endQuietlyOnClosedPipe } from './output.ts'
import { printProjections } from './projections.ts'
import { runProject } from './project.ts'
import { printHead, printProof } from './proofs.ts'
import { printRebuild, projectionNames } from './rebuild.ts'
import { formats, printReport, reportHelp, type ReportOptions } from './report.ts'
import { serve } from './serve.ts'
import { printToken } from './token.ts'
import { verify, type VerifyOptions } from './verify.ts'

const environmentHelp = (): string => {
  const width = Math.max(...variables.map(([name]) => name.length))
  const lines = variables.map(([name, fallback, meaning]) => {
    const shown = fallback === '' ? '' : ` [${fallback}]`
    return `  ${name.padEnd(width)}  ${meaning}${shown}`
  })
  return `\nEnvironment, with its defaults:\n${lines.join('\n')}\n`
}

const program = (): Command => {
  const { env } = process
  const ledgerdesk = new Command('ledgerdesk')
    .description('A helpdesk whose every fact is an event in an append-only log.')
    .showHelpAfterError('(add --help for what may be said)')
    .exitOverride()

  ledgerdesk
    .command('serve')
    .description('serve the API until told to stop')
    .option('--demo', 'on a throw-away folder filled with a few dozen tickets')
    .addHelpText('after', environmentHelp())
    .action((options: { demo?: true }) => serve(env, options.demo === true))

  ledgerdesk
    .command('token')
    .description('print a bearer token for somebody (demo sign-in)')
    .option('--demo <name>', 'one of the demo people, such as "Ann Archer"')
    .option('--id <id>')
    .option('--name <name>')
    .option('--email <mail>')
    .option('--role <role>', 'customer, support, auditor, analyst or service')
    .option('--account <account>', "a customer's account; a service's, if it is bound to one")
    .option('--ttl <time>', 'how long it holds: 30m, 8h, 7d', '8h')
    .action((options: Parameters<typeof printToken>[1]) => printToken(env, options))

  ledgerdesk
    .command('import')
    .description('play recorded commands, or with --events put exported events back exactly')
    .argument('<file>', 'NDJSON, one command (or event) a line')
    .option('--events', 'the file is an export')
    .option('--source <name>', 'names the source system; its ticket keys are its own', 'import')
    .addHelpText(
      'after',
      '\nWhat the domain refuses goes to FILE.rejects.ndjson with the reason. Playing a file again adds nothing.\n',
    )
    .action((file: string, options: { events?: true; source: string }) =>
      withLog(logPlace(env), true, (store) =>
        options.events === true
          ? importEvents(store, logPlace(env), dataFolder(env), file)
          : importCommands(store, dataFolder(env), file, options.source, env),
      ),
    )

  ledgerdesk
    .command('export')
    .description('print events as NDJSON, in log order')
    .option('--ticket <id>', 'only those of one ticket')
    .option('--after <position>', 'only those behind a position')
    .action((options: { ticket?: string; after?: string }) =>
      withLog(logPlace(env), false, (store) => printExport(store, options)),
    )

  ledgerdesk
    .command('copy')
    .description('copy the log to another store, or go on where that was interrupted')
    .requiredOption('--from <log>', 'sqlite:DIR, a data folder; or esdb://…')
    .requiredOption('--to <log>', 'likewise; it must be empty, or hold the beginning of this copy')
    .action((options: { from: string; to: string }) => copy(options))

  ledgerdesk
    .command('history')
    .description("print a ticket's full history")
    .argument('<ticket>', 'its id, such as T-0123ABCD')
    .option('--as-of <time>', 'only what had happened by then (ISO time)')
    .option('--version <n>', 'only up to this version of the ticket')
    .option('--json', 'one JSON object a line')
    .action((ticket: string, options: { asOf?: string; version?: string; json?: boolean }) =>
      withLog(logPlace(env), false, (store) => printHistory(store, systemPorts.sha256, ticket, options)),
    )

  ledgerdesk
    .command('head')
    .description('sign the log as it stands and print its tree head, to be kept elsewhere')
    .option('--public-key', 'print the key that heads and proofs are checked with instead')
    .action((options: { publicKey?: true }) =>
      withLog(logPlace(env), false, (store) => printHead(store, dataFolder(env), options.publicKey === true)),
    )

  ledgerdesk
    .command('verify')
    .description('check every hash and the whole log, or with --bundle the proof of one ticket')
    .option('--since <head-file>', 'also that the log still begins with what this head signed')
    .option('--bundle <file>', 'check what prove printed, without the server or its data')
    .option('--key <key>', 'the public key to trust, or a file with it, instead of the data folder’s own')
    .addHelpText(
      'after',
      '\nPrints {"events","ok","firstBad"}: firstBad is the first position that is not as it was.\n',
    )
    .action((options: VerifyOptions) => verify(logPlace(env), dataFolder(env), options))

  ledgerdesk
    .command('prove')
    .description("print a ticket's history with a proof that it stands in the log")
    .argument('<ticket>', 'its id, such as T-0123ABCD')
    .action((ticket: string) => withLog(logPlace(env), false, (store) => printProof(store, dataFolder(env), ticket)))

  ledgerdesk
    .command('doctor')
    .description('check that every attached file is there and unaltered, and list those that no event names')
    .action(() => withLog(logPlace(env), false, (store) => examine(store, filesFolder(env))))

  ledgerdesk
    .command('mail')
    .description('list the mails that wait and those that were set aside, or try them again')
    .option('--json', 'one JSON object a line')
    .option('--retry [ids...]', 'try these again, or all')
    .action((options: MailOptions) => mails(logPlace(env), dataFolder(env), options, systemPorts.clock.now()))

  ledgerdesk
    .command('projections')
    .description("print each read model's name, version, position, lag and rate")
    .action(() =>
      withLog(logPlace(env), false, (store) => printProjections(store, dataFolder(env), systemPorts.clock.now())),
    )

  ledgerdesk
    .command('rebuild')
    .description('build the read models anew beside the live ones and swap, while a server runs or not')
    .argument('[name...]', 'only these; all unless named')
    .option('--check', 'only compare: print the digests of the live and the rebuilt ones')
    .addHelpText('after', `\nThey are ${projectionNames.join(', ')}. With --check, exit status 1 if any differ.\n`)
    .action((names: readonly string[], options: { check?: true }) =>
      withLog(logPlace(env), false, () => printRebuild(logPlace(env), dataFolder(env), names, options.check === true)),
    )

  ledgerdesk
    .command('report')
    .description('print a report')
    .argument('<name>', Object.keys(definitions).join(', '))
    .option('--from <day>', 'the first day, such as 2024-05-01 (UTC)')
    .option('--to <day>', 'the last day')
    .option('--category <id>', 'only tickets of this category')
    .option('--format <format>', formats.join(', '), 'table')
    .option('--out <file>', 'write to a file instead')
    .addHelpText('after', reportHelp)
    .action((name: string, options: ReportOptions) =>
      withLog(logPlace(env), false, (store) => printReport(store, dataFolder(env), name, options)),
    )

  ledgerdesk
    .command('project')
    .description('run your own projection over the whole log into a SQLite file')
    .argument('<module>', 'a TypeScript file that exports a projection, such as examples/reopens-by-weekday.ts')
    .requiredOption('--out <file>', 'the SQLite file to make; what an earlier run made is replaced')
    .action((module: string, options: { out: string }) =>
      withLog(logPlace(env), false, (store) => runProject(store, module, options.out)),
    )

  return ledgerdesk
}

/** Exit status: 0 done, 1 failed, 2 wrong usage. */
const statusOf = (error: unknown): number => {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  endProgress()
  const ours =
    error instanceof Failure ||
    error instanceof ConfigError ||
    error instanceof BrokenLine ||
    error instanceof UnreadableLog
  const text = error instanceof Error ? (ours ? error.message : (error.stack ?? error.message)) : String(error)
  process.stderr.write(`ledgerdesk: ${text}\n`)
  return 1
}

/** The command line. Results go to stdout, everything else to stderr. */
export const main = async (argv: readonly string[]): Promise<void> => {
  endQuietlyOnClosedPipe()
  try {
    await program().parseAsync([...argv])
  } catch (error) {
    process.exitCode = statusOf(error)
  }
}
