const switches = 'a real EventStoreDB cannot be told to fail (LEDGERDESK_TEST_ESDB)'

/**
 * Tests that may be skipped, with the reason and how many. A test file calls `skipHere` when what it needs is missing;
 * anything else that is skipped fails the run.
 */
const declared: Readonly<Record<string, { readonly count: number; readonly reason: string }>> = {
  'adapters/event-store/eventstoredb-faults.test.ts': { count: 25, reason: switches },
  'adapters/event-store/eventstoredb-leader-election.test.ts': { count: 1, reason: switches },
  'app/cluster-chaos.test.ts': { count: 1, reason: switches },
  'app/cluster-trouble.test.ts': { count: 3, reason: switches },
  'adapters/event-store/eventstoredb-tls.test.ts': { count: 1, reason: 'openssl is not here to make a certificate' },
  'adapters/files/clamd.test.ts': { count: 1, reason: "Debian's clamav-daemon is not here" },
  'adapters/files/content.test.ts': { count: 1, reason: 'PngSuite is not here (LEDGERDESK_SHARED_DATA)' },
  'adapters/http/json-corpus.test.ts': { count: 1, reason: 'the JSON corpus is not here (LEDGERDESK_SHARED_DATA)' },
  'domain/proof/merkle.test.ts': { count: 1, reason: 'the Merkle proofs are not here (LEDGERDESK_SHARED_DATA)' },
  'app/report-numbers.test.ts': { count: 1, reason: 'the real help commands log is not here (LEDGERDESK_SHARED_DATA)' },
  'app/real-log.test.ts': { count: 1, reason: 'the real help commands log is not here (LEDGERDESK_SHARED_DATA)' },
}

const skippedFiles = new Set<string>()

const entryOf = (file: string): string | undefined => Object.keys(declared).find((name) => file.endsWith(name))

/** Says that this file's declared tests are skipped. */
export const skipHere = (file: string): void => {
  const name = entryOf(file)
  if (name === undefined) throw new Error(`${file} has no declared reason to skip`)
  skippedFiles.add(name)
  console.log(`skipped: ${declared[name]?.reason}`)
}

export const skipsOf = (file: string): number => {
  const name = entryOf(file)
  return name !== undefined && skippedFiles.has(name) ? (declared[name]?.count ?? 0) : 0
}
