import { createRemoteJWKSet, customFetch as joseFetch, type JWTVerifyGetKey } from 'jose'
import * as client from 'openid-client'

/** What this server knows of its provider, and how it is known there. */
export interface ProviderSettings {
  readonly issuer: string
  readonly clientId: string
  /** Null for a public client, which PKCE alone protects. */
  readonly clientSecret: string | null
  /** The audience of access tokens for services; null where none are accepted. */
  readonly audience: string | null
  readonly scopes: string
  /** The public URL of this server, without a slash at the end. */
  readonly publicUrl: string
}

/** A provider whose metadata were discovered. */
export interface ProviderConnection {
  readonly config: client.Configuration
  /** Finds the provider's key by `kid`. An unknown one is looked up at most every `cooldownMs`. */
  readonly keys: JWTVerifyGetKey
}

/** The provider did not answer in time, or with its own failure. */
class ProviderAway extends Error {}

/** Whether an error comes from a provider that is away, and not from what it said. */
export const isAway = (error: unknown): boolean =>
  error instanceof ProviderAway || (error instanceof Error && error.cause !== undefined && isAway(error.cause))

const timeoutMs = 5_000
/** How long discovered metadata and keys are used before they are read again, in ms. */
const freshMs = 10 * 60_000
const cooldownMs = 5_000

/** `fetch` with a time-out and without redirects: what the discovery names is asked, nothing else. */
const fetchFrom = async (url: string, options: RequestInit): Promise<Response> => {
  let response: Response
  try {
    response = await fetch(url, { ...options, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) })
  } catch (cause) {
    throw new ProviderAway('the identity provider cannot be reached', { cause })
  }
  if (response.status >= 500) throw new ProviderAway(`the identity provider answered ${response.status}`)
  return response
}

const authenticationOf = (secret: string | null): client.ClientAuth => {
  if (secret === null) return client.None()
  const [basic, post] = [client.ClientSecretBasic(secret), client.ClientSecretPost(secret)]
  return (server, ...rest) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
    return methods.includes('client_secret_basic') ? basic(server, ...rest) : post(server, ...rest)
  }
}

/** Plain http is for loopback alone; the configuration has made sure of that. */
const insecure = ({ issuer }: ProviderSettings) =>
  issuer.startsWith('http:') ? { execute: [client.allowInsecureRequests] } : {}

const discover = async (settings: ProviderSettings): Promise<ProviderConnection> => {
  const { issuer, clientId, clientSecret } = settings
  const config = await client.discovery(new URL(issuer), clientId, {}, authenticationOf(clientSecret), {
    ...insecure(settings),
    timeout: timeoutMs / 1_000,
    [client.customFetch]: (url, { method, headers, body, signal }) =>
      fetchFrom(url, {
        method,
        headers,
        ...(body === undefined ? {} : { body }),
        ...(signal === undefined ? {} : { signal }),
      }),
  })
  const { jwks_uri: jwks } = config.serverMetadata()
  if (jwks === undefined) throw new Error('the identity provider names no jwks_uri')
  const keys = createRemoteJWKSet(new URL(jwks), {
    timeoutDuration: timeoutMs,
    cacheMaxAge: freshMs,
    cooldownDuration: cooldownMs,
    [joseFetch]: (url, options) => fetchFrom(url, options),
  })
  return { config, keys }
}

/**
 * Connects to the provider at the first use, and again when the metadata are old. One discovery runs at a time. Where a
 * later one fails, the metadata before it stay in use.
 */
export const connectTo = (settings: ProviderSettings, now: () => number): (() => Promise<ProviderConnection>) => {
  let known: { readonly connection: ProviderConnection; readonly at: number } | undefined
  let running: Promise<ProviderConnection> | undefined
  const refresh = async (): Promise<ProviderConnection> => {
    try {
      const connection = await discover(settings)
      known = { connection, at: now() }
      return connection
    } catch (error) {
      if (known === undefined) throw error
      known = { ...known, at: now() }
      return known.connection
    } finally {
      running = undefined
    }
  }
  return () => {
    if (known !== undefined && now() < known.at + freshMs) return Promise.resolve(known.connection)
    return (running ??= refresh())
  }
}
