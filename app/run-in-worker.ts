import { Worker, type WorkerOptions } from 'node:worker_threads'

interface ThreadOptions extends Pick<WorkerOptions, 'resourceLimits'> {
  /** The process has other work, and when that ends does not wait: what is half done is thrown away. */
  readonly isAside?: boolean
}

/**
 * Runs a script, with its order, in a thread of its own; `listen` hears what it says, and answers. Rejects with what the
 * thread throws, or where it ends without an answer.
 */
export const inThread = <A>(
  script: URL,
  order: object,
  { isAside = false, ...options }: ThreadOptions,
  listen: (worker: Worker, answer: (value: A) => void, refuse: (reason: Error) => void) => void,
): Promise<A> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(script, { ...options, workerData: order })
    listen(worker, resolve, reject)
    worker.on('error', reject)
    worker.on('exit', (code) => reject(new Error(`the thread ended with ${code} and no answer`)))
    if (isAside) worker.unref()
  })
