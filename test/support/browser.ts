import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import sparticuz from '@sparticuz/chromium'
import { chromium, type Browser } from 'playwright-core'

/** Starts a real Chromium: the installed one, else the one of the npm package `@sparticuz/chromium`. */

const installed = '/usr/bin/chromium'
const caches = resolve(import.meta.dirname, '../../node_modules/.cache')
const unpacked = join(caches, 'chromium')

/** Unpacks into a folder of its own and renames that, so that a test that starts meanwhile never runs half a browser. */
const unpack = async (): Promise<void> => {
  mkdirSync(caches, { recursive: true })
  const folder = mkdtempSync(join(caches, 'chromium-'))
  const before = process.env['TMPDIR']
  // The package unpacks into the temporary folder and has no option for another place.
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
 * A fontconfig file with the package's fonts and the system's. The package's own file names folders that exist only on
 * AWS Lambda, and Chromium without any font crashes at the first form control.
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

/** No requests of the browser's own. */
const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-quic']

export const startBrowser = async (): Promise<Browser> =>
  chromium.launch({
    executablePath: await executable(),
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', ...quiet],
    env: { ...process.env, FONTCONFIG_FILE: fonts() },
    timeout: 120_000,
  })
