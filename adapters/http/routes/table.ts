import type { EarlyPorts } from '../ports.ts'
import type { ReaderRoute } from '../reader-query.ts'
import type { Route } from '../route.ts'
import { docs, docsPart, document, problem } from './documentation.ts'
import { downloadFile, previewFile, uploadFiles } from './files.ts'
import { list } from './list.ts'
import { live } from './live.ts'
import { notifications, preferences, seeNotifications, setPreferences } from './notifications.ts'
import { alive, categories, metrics, projections, ready } from './operations.ts'
import { counters, customers, me, team } from './people.ts'
import { report, reportList } from './reports.ts'
import { pageRoutes } from './pages.ts'
import { backchannelLogout, callback, login } from './provider.ts'
import { seen } from './seen.ts'
import { endOtherSessions, signIn, signInChoices, signOut } from './session.ts'
import { history, proof, ticket } from './ticket.ts'
import { ticketCommands } from './ticket-commands.ts'
import { unsubscribe, unsubscribePage } from './unsubscribe.ts'

/** Those that answer from the moment that the port is open. They need neither the log nor the read models. */
export const earlyRoutes: readonly Route<EarlyPorts>[] = [
  ...pageRoutes,
  document,
  docs,
  docsPart,
  problem,
  alive,
  ready,
  metrics,
]

/** Those that run in a reader thread: their work grows with what is stored, or with what is asked. */
export const readerRoutes: readonly ReaderRoute[] = [list, customers, report]

/** Every operation of this server. The server registers, the OpenAPI document describes and the tests call each of them. */
export const routes: readonly Route[] = [
  ...ticketCommands,
  seen,
  list,
  ticket,
  history,
  proof,
  uploadFiles,
  downloadFile,
  previewFile,
  counters,
  notifications,
  seeNotifications,
  live,
  preferences,
  setPreferences,
  unsubscribePage,
  unsubscribe,
  categories,
  team,
  customers,
  me,
  projections,
  reportList,
  report,
  signInChoices,
  signIn,
  signOut,
  endOtherSessions,
  login,
  callback,
  backchannelLogout,
  ...earlyRoutes,
]
