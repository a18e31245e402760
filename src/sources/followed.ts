import type { Stats } from 'node:fs'
import type { TailFile } from './tail-file.js'

/** What is known of a file that the patterns name. */
export interface Followed {
  readonly file: TailFile
  readonly partition: string
  /** Time of its first message, in milliseconds since 1970. */
  readonly begins: number
  size: number
  modified: number
  /** Since when it has not changed, by the monotonic clock. */
  quietSince: number
  /** Look at it again once it was quiet for so long, also if it does not change; `undefined`: only if it does. */
  again: number | undefined
  /** Whether its messages are taken: from when it is first read until it is put aside. */
  assigned: boolean
}

/** Notes what a file looks like now. */
export function noteChange(known: Followed, path: string, { size, mtimeMs }: Stats): void {
  known.file.path = path
  if (size === known.size && mtimeMs === known.modified) return
  Object.assign(known, { size, modified: mtimeMs, quietSince: performance.now(), again: 0 })
}
