import { streamKinds } from '../../../domain/ids.ts'

/** How our streams are called on the cluster. */
export interface StreamNames {
  readonly onCluster: (stream: string) => string
  readonly ours: (name: string) => string
  /** What every name begins with that the log is made of. */
  readonly prefixes: readonly string[]
}

/** A namespace keeps several logs apart on one cluster; it is empty but in tests, which cannot empty a cluster. */
export const streamNames = (namespace: string): StreamNames => ({
  onCluster: (stream) => namespace + stream,
  ours: (name) => name.slice(namespace.length),
  prefixes: streamKinds.map((kind) => namespace + kind),
})
