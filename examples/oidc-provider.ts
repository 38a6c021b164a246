import { once } from 'node:events'
import { createServer } from 'node:http'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { Provider, type Account, type Configuration, type JWK } from 'oidc-provider'
import { urlOf } from '../adapters/http/listening-url.ts'

/**
 * A small OpenID provider to try sign-in with (docs/operations/sign-in.md). Any password signs in; it keeps everything in
 * memory. Not for production.
 */

interface User {
  readonly name: string
  readonly email: string
  readonly groups: readonly string[]
}

export const users: Readonly<Record<string, User>> = {
  ann: { name: 'Ann Archer', email: 'ann@acme.example', groups: ['acme-users'] },
  carla: { name: 'Carla Costa', email: 'carla@globex.example', groups: ['globex-users'] },
  sue: { name: 'Sue Singh', email: 'sue@support.example', groups: ['staff', 'desk-support'] },
  ada: { name: 'Ada Adler', email: 'ada@audit.example', groups: ['desk-auditors'] },
  mallory: { name: 'Mallory', email: 'mallory@elsewhere.example', groups: ['staff'] },
  zoe: { name: 'Zoe Zimmer', email: 'zoe@acme.example', groups: ['acme-users', 'desk-support'] },
}

export interface ProviderOptions {
  readonly port: number
  /** The public URL of the helpdesk. */
  readonly desk: string
  /** The groups of a user, where they differ from `users`. */
  readonly groups?: Readonly<Record<string, readonly string[]>>
  readonly algorithm?: 'RS256' | 'HS256'
}

export const clientSecret = 'a secret for trying, and no other use'
export const audience = 'https://desk.example/api'

const signingKey = (): JWK => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return {
    kty: 'RSA',
    ...privateKey.export({ format: 'jwk' }),
    use: 'sig',
    alg: 'RS256',
    kid: randomBytes(8).toString('hex'),
  }
}

const configurationOf = ({ desk, groups = {}, algorithm = 'RS256' }: ProviderOptions): Configuration => ({
  clients: [
    {
      client_id: 'ledgerdesk',
      client_secret: clientSecret,
      redirect_uris: [`${desk}/auth/callback`],
      post_logout_redirect_uris: [`${desk}/`],
      backchannel_logout_uri: `${desk}/auth/backchannel-logout`,
      backchannel_logout_session_required: true,
      id_token_signed_response_alg: algorithm,
    },
    ...['billing', 'unknown'].map((id) => ({
      client_id: id,
      client_secret: clientSecret,
      redirect_uris: [],
      response_types: [],
      grant_types: ['client_credentials'],
    })),
  ],
  // It calls the helpdesk on loopback, which the dispatcher of its own options forbids.
  fetch: (url, options) =>
    fetch(url, Object.fromEntries(Object.entries(options ?? {}).filter(([name]) => name !== 'dispatcher'))),
  ttl: { AccessToken: 3_600, Grant: 86_400, IdToken: 3_600, Interaction: 600, Session: 86_400 },
  jwks: { keys: [signingKey()] },
  cookies: { keys: [randomBytes(16).toString('hex')] },
  scopes: ['openid', 'profile', 'email', 'groups'],
  claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'], groups: ['groups'] },
  enabledJWA: { idTokenSigningAlgValues: ['RS256', 'HS256'] },
  findAccount: (_context, id): Account | undefined => {
    const user = Object.hasOwn(users, id) ? users[id] : undefined
    return user === undefined
      ? undefined
      : {
          accountId: id,
          claims: () => ({ sub: id, ...user, email_verified: true, groups: [...(groups[id] ?? user.groups)] }),
        }
  },
  // Nobody is asked for consent: the helpdesk belongs to the same organisation.
  loadExistingGrant: async ({ oidc }) => {
    const [client, session] = [oidc.client, oidc.session]
    if (client === undefined || session === undefined) return undefined
    const grant = new oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId ?? '' })
    grant.addOIDCScope('openid profile email groups')
    await grant.save()
    return grant
  },
  features: {
    devInteractions: { enabled: true },
    clientCredentials: { enabled: true },
    backchannelLogout: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: (_context, { clientId }) => (clientId === 'ledgerdesk' ? [] : audience),
      getResourceServerInfo: () => ({ scope: '', audience, accessTokenTTL: 3_600, accessTokenFormat: 'jwt' }),
    },
  },
})

export interface RunningProvider {
  readonly issuer: string
  readonly close: () => Promise<void>
}

/** Starts it on loopback; port 0 picks a free one. */
export const startProvider = async (options: ProviderOptions): Promise<RunningProvider> => {
  const server = createServer()
  server.listen(options.port, '127.0.0.1')
  await once(server, 'listening')
  const issuer = urlOf(server, '127.0.0.1')
  const handle = new Provider(issuer, configurationOf(options)).callback()
  server.on('request', (request, response) => void handle(request, response))
  return {
    issuer,
    close: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

if (import.meta.main) {
  const { issuer } = await startProvider({ port: 3_000, desk: process.argv[2] ?? 'http://localhost:8080' })
  console.log(`the provider is ${issuer}; client ledgerdesk and service billing have the secret "${clientSecret}"`)
  console.log(`users, with any password: ${Object.keys(users).join(', ')}`)
}
