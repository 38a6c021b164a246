import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants } from 'node:zlib'
import { sha256 } from '../crypto.ts'

/** A page that the server renders itself. All three parts are HTML already. */
export const htmlPage = (title: string, head: string, body: string): string => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>${head}</head>
<body>${body}</body>
</html>
`

/** A file of the built web client, with the headers that it is sent with. */
interface Built {
  readonly mediaType: string
  readonly content: string | Uint8Array
  readonly headers?: Readonly<Record<string, string>>
}

/** The built web client. */
export interface Pages {
  /** The document of all pages; null where they were not built. */
  readonly document: Built | null
  /** A script, style or picture by its name; null where there is none. `encodings` is the request's Accept-Encoding. */
  readonly asset: (name: string, encodings: string) => Promise<Built | null>
}

const mediaTypes: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** Scripts, styles and pictures of this server only; nothing inline, no frames, no forms to other servers. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob:",
  "connect-src 'self'",
  "worker-src 'self'",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

const brotli = promisify(brotliCompress)

/** Quality 11 takes 40 times as long for a tenth less, and the first request of each file waits for it. */
const compressed = (plain: Buffer): Promise<Buffer> =>
  brotli(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 6, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length } })

const documentOf = (html: Buffer): Built => ({
  mediaType: 'text/html; charset=utf-8',
  content: html,
  headers: {
    'Content-Security-Policy': policy,
    'Cache-Control': 'no-cache',
    ETag: `"${sha256(html).slice(0, 16)}"`,
  },
})

/** Serves the folder that the build made. A name holds a hash of the content, so a browser may cache it for good. */
export const pagesIn = (folder: string): Pages => {
  const assets = join(folder, 'assets')
  const names = new Set(existsSync(assets) ? readdirSync(assets) : [])
  const loaded = new Map<string, Promise<{ readonly plain: Buffer; readonly brotli: Buffer }>>()
  const load = (name: string): Promise<{ readonly plain: Buffer; readonly brotli: Buffer }> => {
    const known = loaded.get(name)
    if (known !== undefined) return known
    const plain = readFileSync(join(assets, name))
    const both = compressed(plain).then((brotli) => ({ plain, brotli }))
    loaded.set(name, both)
    return both
  }
  const file = join(folder, 'index.html')
  return {
    document: existsSync(file) ? documentOf(readFileSync(file)) : null,
    asset: async (name, encodings) => {
      if (!names.has(name)) return null
      const { plain, brotli } = await load(name)
      const isCompressed = /\bbr\b/.test(encodings)
      return {
        mediaType: mediaTypes[extname(name)] ?? 'application/octet-stream',
        content: isCompressed ? brotli : plain,
        headers: {
          'Cache-Control': 'public, max-age=31536000, immutable',
          Vary: 'Accept-Encoding',
          ...(isCompressed ? { 'Content-Encoding': 'br' } : {}),
        },
      }
    },
  }
}
