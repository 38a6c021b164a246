/**
 * The layers: domain ← projections ← adapters ← app (`docs/adr/0002-four-layers.md`). `test/checks/layers.ts` checks the tree
 * by these rules.
 */
const above = {
  domain: 'projections|adapters|app',
  projections: 'adapters|app',
  adapters: 'app',
}

const npm = ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-bundled', 'npm-no-pkg', 'npm-unknown', 'undetermined']

const layers = Object.entries(above).map(([layer, upper]) => ({
  name: `${layer}-imports-nothing-above`,
  severity: 'error',
  from: { path: `^${layer}/` },
  to: { path: `^(${upper})/` },
}))

/** The layer imports only these packages, and no module of Node. */
const only = (layer, packages) => [
  {
    name: `${layer}-imports-only-${packages.join('-')}`,
    severity: 'error',
    from: { path: `^${layer}/` },
    to: { dependencyTypes: npm, pathNot: `(^|/)node_modules/(@types/)?(${packages.join('|')})/` },
  },
  {
    name: `${layer}-does-no-io`,
    severity: 'error',
    from: { path: `^${layer}/` },
    to: { dependencyTypes: ['core'] },
  },
]

module.exports = {
  forbidden: [
    ...layers,
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
    // The packages of the benchmarks' peers and servers are installed only where benchmarks run.
    exclude: { path: '^(test/bench/(peers|servers)|adapters/web/dist)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
}
