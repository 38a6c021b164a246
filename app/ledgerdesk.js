#!/usr/bin/env node
// Plain JavaScript, so that a Node too old to run the rest can say so instead of crashing on it.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `ledgerdesk needs Node 22.18 or newer, and this is ${process.versions.node}. Run it as "npx ledgerdesk" or "npm run ledgerdesk --", which bring their own.`,
  )
  process.exitCode = 1
} else {
  // While the program is being loaded nothing is open yet; `serve` replaces these.
  if (process.argv[2] === 'serve') for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(0))
  const { main } = await import('./cli/main.ts')
  await main(process.argv)
}
