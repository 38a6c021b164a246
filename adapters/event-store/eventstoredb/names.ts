import { streamKinds, type StreamName } from '../../../domain/ids.ts'

/** The names of the log's streams on the cluster. */
export interface StreamNames {
  readonly onCluster: (stream: StreamName) => string
  readonly fromCluster: (name: string) => StreamName
  /** The prefixes of all streams of the log, by which `$all` is filtered. */
  readonly prefixes: readonly string[]
}

/**
 * A namespace separates several logs on one cluster: `<namespace>.<stream>`. It holds no dot, so no prefix of one log
 * begins a name of another. With an empty namespace the streams keep their names.
 */
export const streamNames = (namespace: string): StreamNames => {
  const prefix = namespace === '' ? '' : `${namespace}.`
  return {
    onCluster: (stream) => prefix + stream,
    fromCluster: (name) => name.slice(prefix.length) as StreamName,
    prefixes: streamKinds.map((kind) => prefix + kind),
  }
}
