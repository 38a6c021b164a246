import { setTimeout as wait } from 'node:timers/promises'
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'
import { startBrowser } from './browser.ts'
import type { Client } from './client.ts'
import { demoClient } from './demo.ts'
import { startServer, type RunningServer } from './server.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** A person who is signed in to the pages, in a browser context of their own. */
export interface SignedIn {
  readonly page: Page
  readonly context: BrowserContext
  /** Errors that a person does not see: thrown by scripts, reported by the content security policy, and responses of 500 and above. */
  readonly errors: readonly string[]
  /** Opens a path of the pages. */
  readonly open: (path: string) => Promise<void>
}

/** A real server with its pages, and a real browser. */
export interface Site {
  readonly server: RunningServer
  /** Its data folder. */
  readonly folder: string
  readonly browser: Browser
  /** A client of the API for the demo person of this name, to prepare what a test needs. */
  readonly api: (name: string) => Promise<Client>
  /** Signs the demo person of this name in, by the button on the page. */
  readonly signIn: (name: string, options?: Parameters<Browser['newContext']>[0]) => Promise<SignedIn>
  /** Ends the server with SIGKILL. */
  readonly kill: () => Promise<void>
  /** Starts it again on the same data folder and port. */
  readonly restart: () => Promise<void>
  readonly close: () => Promise<void>
}

/** The longest wait for anything on a page. Generous, for a machine that is busy with other things. */
const patienceMs = 60_000

const errorsOf = (page: Page): string[] => {
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(String(error)))
  page.on('console', (message) => {
    // The browser logs a 4xx response as an error of loading, and tests provoke such responses.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
      errors.push(message.text())
    }
  })
  page.on('response', (response) => {
    if (response.status() >= 500) errors.push(`${response.status()} ${response.url()}`)
  })
  return errors
}

export const startSite = async (): Promise<Site> => {
  const folder = temporaryFolder()
  let server = await startServer(folder.path)
  const { port } = new URL(server.url)
  const browser = await startBrowser()
  return {
    get server() {
      return server
    },
    folder: folder.path,
    browser,
    api: (name) => demoClient(server, folder.path, name),
    signIn: async (name, options = {}) => {
      const context = await browser.newContext({
        baseURL: server.url,
        viewport: { width: 1280, height: 800 },
        ...options,
      })
      context.setDefaultTimeout(patienceMs)
      const page = await context.newPage()
      const errors = errorsOf(page)
      await page.goto('/')
      await page.getByRole('button', { name, exact: true }).click()
      await page.getByRole('button', { name: 'Sign out' }).waitFor()
      return {
        page,
        context,
        errors,
        open: async (path) => {
          await page.goto(path)
          await page.getByRole('heading', { level: 1 }).waitFor()
        },
      }
    },
    kill: () => server.kill(),
    restart: async () => {
      server = await startServer(folder.path, { PORT: port })
    },
    close: async () => {
      await browser.close()
      await server.stop()
      folder.remove()
    },
  }
}

/** Waits until `holds`. @throws Error that names `what` after a minute. */
export const until = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
  const end = Date.now() + patienceMs
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`not within ${patienceMs / 1_000} s: ${what}`)
    await wait(20)
  }
}

/** The button of exactly this name. */
export const button = (page: Page, name: string): Locator => page.getByRole('button', { name, exact: true })

/** The message with this text, on the page of a ticket. */
export const messageIn = (page: Page, text: string): Locator =>
  page.getByRole('article').filter({ hasText: text, hasNot: page.getByRole('article') })
