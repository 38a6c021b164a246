import { render } from 'preact'
import { useEffect } from 'preact/hooks'
import { listen } from './live.ts'
import { Failed, Loading } from './parts/basics.tsx'
import { later } from './parts/later.tsx'
import { ServerLimits } from './parts/server-limits.tsx'
import { address, followLinks, go } from './router.ts'
import { askServerState, limitation, recoveries } from './server-state.ts'
import { me, sessionProblem, whoAmI } from './session.ts'
import { NewTicket } from './views/new-ticket.tsx'
import { NotFound } from './views/not-found.tsx'
import { Notifications } from './views/notifications.tsx'
import { PreferencesPage } from './views/preferences.tsx'
import { Shell } from './views/shell.tsx'
import { SignIn } from './views/sign-in.tsx'
import { TicketPage } from './views/ticket-page.tsx'
import { TicketList } from './views/ticket-list.tsx'

const History = later(() => import('./views/history.tsx').then((page) => page.History))
const Reports = later(() => import('./views/reports.tsx').then((page) => page.Reports))

/** The page that `/` leads to, by role. */
const Home = ({ to }: { readonly to: string }) => {
  useEffect(() => go(to, true), [])
  return <Loading />
}

const Page = () => {
  const { path } = address.value
  const [, ticket, history] = /^\/tickets\/(T-[0-9A-Z]{8})(\/history)?$/.exec(path) ?? []
  if (ticket !== undefined) {
    return history === undefined ? <TicketPage key={ticket} id={ticket} /> : <History key={ticket} id={ticket} />
  }
  switch (path) {
    case '/':
      return <Home to={me.value?.role === 'analyst' ? '/reports' : '/tickets'} />
    case '/tickets':
      return <TicketList key="active" view="active" />
    case '/archive':
      return <TicketList key="archive" view="archive" />
    case '/new':
      return <NewTicket />
    case '/notifications':
      return <Notifications />
    case '/preferences':
      return <PreferencesPage />
    case '/reports':
      return <Reports />
    default:
      return <NotFound />
  }
}

const App = () => {
  if (me.value === undefined) {
    const problem = sessionProblem.value
    return (
      <main class="sign-in">
        <div role="status">
          <ServerLimits />
        </div>
        {problem === null && <Loading />}
        {problem !== null && limitation.value === null && <Failed problem={problem} again={() => void whoAmI()} />}
      </main>
    )
  }
  if (me.value === null) return <SignIn />
  return (
    <Shell key={me.value.id}>
      <Page />
    </Shell>
  )
}

const place = document.getElementById('page')
if (place === null) throw new Error('the document has no place for the page')
followLinks()
// A file that is dropped outside a field must not open in place of the page.
for (const name of ['dragover', 'drop']) addEventListener(name, (event) => event.preventDefault())
listen()
// A page that was opened while the server got ready goes on by itself.
recoveries.subscribe((n) => {
  if (n > 0 && me.peek() === undefined) void whoAmI()
})
void askServerState()
void whoAmI()
render(<App />, place)
