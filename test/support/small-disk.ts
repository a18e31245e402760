import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A file system of its own that can be filled. */
export interface SmallDisk {
  readonly folder: string
  /** Leaves no byte free. */
  fill(): void
  /** Removes what `fill` put there. */
  empty(): void
  remove(): void
}

/** Mounts one of so many bytes, in memory; `undefined` where that is not allowed, as to ordinary users. */
export function smallDisk(folder: string, bytes: number): SmallDisk | undefined {
  mkdirSync(folder, { recursive: true })
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder], { stdio: 'ignore' })
  } catch {
    console.warn('SKIPPED: tests of a full disk, as nothing can be mounted here')
    return undefined
  }
  const filling = join(folder, 'filling')
  return {
    folder,
    fill: () => fill(filling, bytes),
    empty: () => rmSync(filling),
    remove: () => void execFileSync('umount', ['--lazy', folder]),
  }
}

function fill(file: string, bytes: number): void {
  for (let size = bytes; size >= 1; size = Math.floor(size / 2)) {
    try {
      for (;;) writeFileSync(file, Buffer.alloc(size), { flag: 'a' })
    } catch {
      // No room for so much: then for half of it.
    }
  }
}
