import { join } from 'node:path'
import { writeFileSync } from 'node:fs'
import { audience, clientSecret, startProvider, type ProviderOptions } from '../../examples/oidc-provider.ts'
import { startServer, type RunningServer } from './server.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { freePort } from './free-port.ts'

const rules = {
  rules: [
    { claim: 'groups', value: 'acme-users', role: 'customer', account: 'acme' },
    { claim: 'groups', value: 'globex-users', role: 'customer', account: 'globex' },
    { claim: 'groups', value: 'desk-support', role: 'support' },
    { claim: 'groups', value: 'desk-auditors', role: 'auditor' },
    { claim: 'client_id', value: 'billing', role: 'service', account: 'acme' },
  ],
  contact: 'the service desk, phone 4711',
}

/** A real server that signs people in at a real provider. `proxy`: the public URL, where it is not the server's own. */
export const startWithProvider = async (more: NodeJS.ProcessEnv = {}, proxy?: string) => {
  const folder = temporaryFolder()
  const [deskPort, providerPort] = [await freePort(), await freePort()]
  const desk = proxy ?? `http://127.0.0.1:${deskPort}`
  const roles = join(folder.path, 'roles.json')
  const secret = join(folder.path, 'secret')
  writeFileSync(roles, JSON.stringify(rules))
  writeFileSync(secret, `${clientSecret}\n`)
  const start = (options: Partial<ProviderOptions> = {}) => startProvider({ port: providerPort, desk, ...options })
  let provider = await start()
  const env = {
    PORT: String(deskPort),
    LEDGERDESK_AUTH: 'oidc',
    LEDGERDESK_PUBLIC_URL: desk,
    LEDGERDESK_OIDC_ISSUER: provider.issuer,
    LEDGERDESK_OIDC_CLIENT_ID: 'ledgerdesk',
    LEDGERDESK_OIDC_CLIENT_SECRET_FILE: secret,
    LEDGERDESK_OIDC_AUDIENCE: audience,
    LEDGERDESK_OIDC_SCOPES: 'openid profile email groups',
    LEDGERDESK_ROLES: roles,
    LOG_LEVEL: 'warn',
    ...more,
  }
  const server: RunningServer = await startServer(join(folder.path, 'data'), env)
  return {
    server,
    desk,
    issuer: provider.issuer,
    data: join(folder.path, 'data'),
    env,
    stopProvider: () => provider.close(),
    /** Starts it with new keys, and perhaps other groups. */
    restartProvider: async (options: Partial<ProviderOptions> = {}) => {
      provider = await start(options)
    },
    close: async () => {
      await server.stop()
      await provider.close().catch(() => undefined)
      folder.remove()
    },
  }
}

export type WithProvider = Awaited<ReturnType<typeof startWithProvider>>

/** Enough of a browser to sign in: it keeps cookies by origin and follows redirects. */
export const createAgent = () => {
  const cookies = new Map<string, Map<string, string>>()
  const seen: string[] = []
  const jarOf = (url: string): Map<string, string> => {
    const { origin } = new URL(url)
    const jar = cookies.get(origin) ?? new Map<string, string>()
    cookies.set(origin, jar)
    return jar
  }
  const once = async (url: string, init: RequestInit = {}): Promise<Response> => {
    const jar = jarOf(url)
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      headers: {
        Accept: 'text/html',
        ...init.headers,
        Cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
      },
    })
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      if (value === '' || /Max-Age=0/i.test(cookie) || /expires=Thu, 01 Jan 1970/i.test(cookie)) jar.delete(name)
      else jar.set(name, value)
    }
    seen.push(url)
    return response
  }
  const open = async (url: string, init: RequestInit = {}): Promise<{ url: string; response: Response }> => {
    const response = await once(url, init)
    const to = response.headers.get('location')
    return to === null ? { url, response } : open(new URL(to, url).href)
  }
  return {
    once,
    open,
    jarOf,
    /** The addresses so far. */
    seen,
    /** Signs in at the provider's form, and returns the last page. */
    signIn: async (desk: string, user: string, path = '/tickets') => {
      const login = await open(`${desk}/auth/login?return=${encodeURIComponent(path)}`)
      if (!login.url.includes('/interaction/')) return login
      return open(login.url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ prompt: 'login', login: user, password: 'any' }).toString(),
      })
    },
  }
}
