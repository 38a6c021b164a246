import { streamKinds } from '../../../domain/ids.ts'

/** How our streams are called on the cluster. */
export interface StreamNames {
  readonly onCluster: (stream: string) => string
  readonly ours: (name: string) => string
  /** What every name begins with that the log is made of. */
  readonly prefixes: readonly string[]
}

/**
 * A namespace keeps several logs apart on one cluster: a name without a dot, and one stands behind it, so that no
 * prefix of one log is the beginning of another's. Empty: the streams have their own names.
 */
export const streamNames = (namespace: string): StreamNames => {
  const before = namespace === '' ? '' : `${namespace}.`
  return {
    onCluster: (stream) => before + stream,
    ours: (name) => name.slice(before.length),
    prefixes: streamKinds.map((kind) => before + kind),
  }
}
