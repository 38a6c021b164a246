const noFaults = 'faults cannot be injected into a real EventStoreDB (LEDGERDESK_TEST_ESDB)'

/**
 * The tests that may be skipped: by file, how many and why. A test file calls `skipHere` when what it needs is missing;
 * any other skipped test fails the run.
 */
const declared: Readonly<Record<string, { readonly count: number; readonly reason: string }>> = {
  'adapters/event-store/eventstoredb-faults.test.ts': { count: 25, reason: noFaults },
  'adapters/event-store/eventstoredb-errors.test.ts': { count: 11, reason: noFaults },
  'adapters/event-store/eventstoredb-foreign.test.ts': { count: 7, reason: noFaults },
  'adapters/event-store/eventstoredb-leader-election.test.ts': { count: 1, reason: noFaults },
  'app/cluster-chaos.test.ts': { count: 1, reason: noFaults },
  'app/cluster-start.test.ts': { count: 6, reason: noFaults },
  'app/cluster-trouble.test.ts': { count: 3, reason: noFaults },
  'adapters/event-store/eventstoredb-rights.test.ts': {
    count: 3,
    reason: 'there is no real EventStoreDB with users (LEDGERDESK_TEST_ESDB with an administrator over TLS)',
  },
  'adapters/event-store/eventstoredb-tls.test.ts': {
    count: 1,
    reason: 'openssl is not installed: no certificate can be made',
  },
  'adapters/files/clamd.test.ts': { count: 1, reason: "Debian's clamav-daemon is not installed" },
  'adapters/files/content.test.ts': { count: 1, reason: 'PngSuite is missing (LEDGERDESK_SHARED_DATA)' },
  'adapters/http/json-corpus.test.ts': { count: 1, reason: 'the JSON corpus is missing (LEDGERDESK_SHARED_DATA)' },
  'app/log-lost.test.ts': { count: 1, reason: 'a file system of a small size can be mounted by root alone' },
  'app/read-only.test.ts': { count: 1, reason: 'a file system of a small size can be mounted by root alone' },
  'app/start-refused.test.ts': { count: 1, reason: 'a file system of a small size can be mounted by root alone' },
  'faults/server.test.ts': { count: 10, reason: 'there is no C compiler: calls cannot be made to fail' },
  'faults/background-tasks.test.ts': { count: 7, reason: 'there is no C compiler: calls cannot be made to fail' },
  'faults/soak.test.ts': { count: 1, reason: 'there is no C compiler: calls cannot be made to fail' },
  'web/proxy.test.ts': { count: 1, reason: "Debian's nginx is not installed" },
  'domain/proof/merkle.test.ts': { count: 1, reason: 'the Merkle proofs are missing (LEDGERDESK_SHARED_DATA)' },
  'app/report-numbers.test.ts': { count: 1, reason: 'the real help desk log is missing (LEDGERDESK_SHARED_DATA)' },
  'app/real-log.test.ts': { count: 1, reason: 'the real help desk log is missing (LEDGERDESK_SHARED_DATA)' },
}

const skippedFiles = new Set<string>()

const entryOf = (file: string): string | undefined => Object.keys(declared).find((name) => file.endsWith(name))

/** Skips the declared tests of `file`. @throws Error when none are declared. */
export const skipHere = (file: string): void => {
  const name = entryOf(file)
  if (name === undefined) throw new Error(`${file} has no entry in test/support/skips.ts`)
  skippedFiles.add(name)
  console.log(`skipped: ${declared[name]?.reason}`)
}

/** How many tests of `file` were skipped by `skipHere` in this process. */
export const skipsOf = (file: string): number => {
  const name = entryOf(file)
  return name !== undefined && skippedFiles.has(name) ? (declared[name]?.count ?? 0) : 0
}
