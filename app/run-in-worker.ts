import { Worker, type WorkerOptions } from 'node:worker_threads'

interface Options extends Pick<WorkerOptions, 'resourceLimits'> {
  /** The process may end while the thread is running; its unfinished work is then lost. */
  readonly isBackground?: boolean
}

/**
 * Runs a script in a worker thread, with `workerData`. `listen` subscribes to the thread's messages and resolves or
 * rejects the result. Rejects with what the thread throws, or where it ends without a result.
 */
export const runInWorker = <A>(
  script: URL,
  workerData: object,
  { isBackground = false, ...options }: Options,
  listen: (worker: Worker, resolve: (value: A) => void, reject: (reason: Error) => void) => void,
): Promise<A> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(script, { ...options, workerData })
    listen(worker, resolve, reject)
    worker.on('error', reject)
    worker.on('exit', (code) => reject(new Error(`the worker thread ended with ${code} and without a result`)))
    if (isBackground) worker.unref()
  })
