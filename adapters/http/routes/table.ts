import type { Route } from '../route.ts'
import { docs, docsPart, document, problem } from './documentation.ts'
import { downloadFile, previewFile, uploadFiles } from './files.ts'
import { history } from './history.ts'
import { list } from './list.ts'
import { live } from './live.ts'
import { notifications, seeNotifications } from './notifications.ts'
import { alive, metrics, projections, ready } from './operations.ts'
import { categories, counters, customers, me, team } from './me.ts'
import { preferences, setPreferences } from './preferences.ts'
import { report, reportList } from './reports.ts'
import { pageRoutes } from './pages.ts'
import { proof } from './proof.ts'
import { seen } from './seen.ts'
import { signIn, signInChoices, signOut } from './session.ts'
import { ticket } from './ticket.ts'
import { ticketCommands } from './ticket-commands.ts'
import { unsubscribe, unsubscribePage } from './unsubscribe.ts'

/** Every operation of this server. A new one is a line here: registered, documented and walked by the tests. */
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
  ...pageRoutes,
  document,
  docs,
  docsPart,
  problem,
  alive,
  ready,
  metrics,
]
