import { execFileSync } from 'node:child_process'
import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from './temporary-folder.ts'

/** A file system of a small size. */
export interface SmallDisk {
  readonly path: string
  /** Takes all the room that is left, in a file of this name. */
  readonly fill: (name: string) => void
  readonly remove: () => void
}

const run = (program: string, ...words: readonly string[]): void => {
  execFileSync(program, words, { stdio: 'ignore' })
}

/** Mounts one; null where this machine does not allow it. */
export const smallDisk = (kilobytes: number): SmallDisk | null => {
  const folder = temporaryFolder()
  try {
    run('mount', '-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', folder.path)
  } catch {
    folder.remove()
    return null
  }
  return {
    path: folder.path,
    fill: (name) => {
      const file = openSync(join(folder.path, name), 'a')
      const bytes = Buffer.alloc(4_096)
      try {
        for (;;) writeSync(file, bytes)
      } catch {
        // Full now.
      } finally {
        closeSync(file)
      }
    },
    remove: () => {
      run('umount', '-l', folder.path)
      folder.remove()
    },
  }
}
