/** The floors of the house: domain ← projections ← adapters ← app. `test/checks/layers.ts` runs them. */
const above = {
  domain: 'projections|adapters|app',
  projections: 'adapters|app',
  adapters: 'app',
}

const npm = ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-bundled', 'npm-no-pkg', 'npm-unknown', 'undetermined']

const floors = Object.entries(above).map(([floor, upper]) => ({
  name: `${floor}-imports-nothing-above`,
  severity: 'error',
  from: { path: `^${floor}/` },
  to: { path: `^(${upper})/` },
}))

/** Which packages a floor may import; `builtins` of Node none. */
const only = (floor, packages) => [
  {
    name: `${floor}-imports-only-${packages.join('-')}`,
    severity: 'error',
    from: { path: `^${floor}/` },
    to: { dependencyTypes: npm, pathNot: `(^|/)node_modules/(@types/)?(${packages.join('|')})/` },
  },
  {
    name: `${floor}-does-no-io`,
    severity: 'error',
    from: { path: `^${floor}/` },
    to: { dependencyTypes: ['core'] },
  },
]

module.exports = {
  forbidden: [
    ...floors,
    ...only('domain', ['fp-ts', 'io-ts']),
    ...only('projections', ['better-sqlite3', 'minisearch']),
    {
      name: 'nobody-imports-tests',
      severity: 'error',
      from: { path: '^(domain|projections|adapters|app)/' },
      to: { path: '^test/' },
    },
    {
      name: 'http-imports-nothing-of-web',
      comment: 'What the server and its web client share lies in adapters/api.',
      severity: 'error',
      from: { path: '^adapters/http/' },
      to: { path: '^adapters/web/' },
    },
    {
      name: 'web-imports-nothing-of-http',
      severity: 'error',
      from: { path: '^adapters/web/' },
      to: { path: '^adapters/http/' },
    },
    {
      name: 'api-imports-only-the-domain',
      severity: 'error',
      from: { path: '^adapters/api/' },
      to: { path: '^(projections|adapters)/', pathNot: '^adapters/api/' },
    },
    { name: 'no-loops', severity: 'error', from: {}, to: { circular: true } },
    { name: 'nothing-missing', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-development-package-in-the-product',
      severity: 'error',
      from: { path: '^(domain|projections|adapters|app)/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: 'node_modules/@types/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // What the benchmarks' peers and their servers need is installed only where benchmarks run.
    exclude: { path: '^(test/bench/(peers|servers)|adapters/web/dist)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
}
