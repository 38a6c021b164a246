import type { EarlyPorts } from '../ports.ts'
import type { ReaderRoute } from '../reader-query.ts'
import type { Route } from '../route.ts'
import { documentationRoutes } from './documentation.ts'
import { fileRoutes } from './files.ts'
import { list } from './list.ts'
import { live } from './live.ts'
import { notificationRoutes } from './notifications.ts'
import { operationRoutes, probeRoutes } from './operations.ts'
import { pageRoutes } from './pages.ts'
import { customers, peopleRoutes } from './people.ts'
import { report, reportRoutes } from './reports.ts'
import { seen } from './seen.ts'
import { signIn, signInChoices, signOut } from './session.ts'
import { ticketRoutes } from './ticket.ts'
import { ticketCommands } from './ticket-commands.ts'
import { unsubscribeRoutes } from './unsubscribe.ts'

/** Those that answer from the moment that the port is open. They need neither the log nor the read models. */
export const earlyRoutes: readonly Route<EarlyPorts>[] = [...pageRoutes, ...documentationRoutes, ...probeRoutes]

/** Those that run in a reader thread: their work grows with what is stored, or with what is asked. */
export const readerRoutes: readonly ReaderRoute[] = [list, customers, report]

/** Every operation of this server. The server registers, the OpenAPI document describes and the tests call each of them. */
export const routes: readonly Route[] = [
  ...ticketCommands,
  seen,
  list,
  ...ticketRoutes,
  ...fileRoutes,
  ...peopleRoutes,
  ...notificationRoutes,
  live,
  ...unsubscribeRoutes,
  ...operationRoutes,
  ...reportRoutes,
  signInChoices,
  signIn,
  signOut,
  ...earlyRoutes,
]
