import { setMaxListeners } from 'node:events'
import type { Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { relative } from 'node:path'
import { z } from 'zod'
import { durationSetting } from '../config/duration.js'
import { defineSource, type Surroundings } from '../daemon/kind.js'
import type { Source, SourcePort } from '../daemon/source.js'
import { pause, unlessAborted } from '../waiting.js'
import { type Followed, noteChange } from './followed.js'
import { filesOf, InputError } from './inputs.js'
import { type Reached, TailFile } from './tail-file.js'

const settings = z.object({
  paths: z
    .array(z.string().min(1))
    .min(1)
    .describe('Files, folders and globs to follow: *.json, *.jsonl, *.ndjson, *.log, also with .gz.'),
  every: durationSetting('50ms', '1h').prefault('1s').describe('How often is looked for what is new.'),
  settle: durationSetting('0s', '1h')
    .prefault('2s')
    .describe('A gzip file is read, and a last line without line feed taken, when unchanged for so long.'),
  give_up: durationSetting('1s', '1d')
    .prefault('1m')
    .describe('A last line that is broken off is a dead letter when nothing was added for so long.'),
})

type Settings = z.output<typeof settings>

/** Most files that are read at a time; of more, those that begin earliest. */
const MOST_AT_A_TIME = 32

/** A file is put aside until it changes when nothing was added for so long, in milliseconds. */
const IDLE = 60_000

/** Bytes of a message, for an estimate of how many there are to come. */
const USUAL_BYTES = 2_000

/** Files, folders and globs, followed while they come, grow and are rotated by renaming. */
export const source = defineSource({
  kind: 'files',
  settings,
  open: (name, chosen, around) => new FilesSource(name, chosen, around),
  check: async ({ paths }) => {
    const found = await Promise.all(paths.map((path) => filesOf(path)))
    const { size } = new Set(found.flat())
    return size === 1 ? '1 file' : `${size} files`
  },
})

/**
 * A partition is a file, by its number in the file system, so that a renamed file is the same one. What was read of a
 * file that is deleted stays read; what was not is lost, so files are rotated by renaming.
 */
class FilesSource implements Source {
  readonly name: string
  readonly #settings: Settings
  readonly #around: Surroundings
  readonly #files = new Map<string, Followed>()
  readonly #reading = new Map<string, Promise<void>>()
  /** Position by partition up to which the state is on disk. */
  readonly #onDisk = new Map<string, string | undefined>()
  readonly #stop = new AbortController()
  #following: Promise<void> = Promise.resolve()
  #told: Promise<void> = Promise.resolve()
  #assignment: string | undefined

  constructor(name: string, chosen: Settings, around: Surroundings) {
    this.name = name
    this.#settings = chosen
    this.#around = around
    setMaxListeners(MOST_AT_A_TIME + 2, this.#stop.signal)
  }

  async start(port: SourcePort): Promise<void> {
    this.#following = this.#follow(port)
  }

  async saved(positions: ReadonlyMap<string, string>): Promise<void> {
    for (const [partition, position] of positions) this.#onDisk.set(partition, position)
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#following
    await Promise.all(this.#reading.values())
  }

  get #stopped(): boolean {
    return this.#stop.signal.aborted
  }

  async #follow(port: SourcePort): Promise<void> {
    while (!this.#stopped) {
      await this.#look(port)
      await pause(this.#settings.every, this.#stop.signal)
    }
  }

  async #look(port: SourcePort): Promise<void> {
    const found = await this.#find(port)
    const partitions = new Set<string>()
    for (const path of found) {
      const partition = this.#stopped ? undefined : await this.#note(path, port, partitions)
      if (partition !== undefined) partitions.add(partition)
    }
    if (this.#stopped) return
    for (const partition of this.#files.keys())
      if (!partitions.has(partition) && !this.#reading.has(partition)) this.#forget(partition)
    this.#putAside()
    await this.#readDue(port)
  }

  /** Puts files aside of which all is on disk and to which nothing is added any more. */
  #putAside(): void {
    const now = performance.now()
    for (const followed of this.#files.values()) {
      const { again, quietSince, partition, file } = followed
      const quiet = again === undefined && now - quietSince > IDLE && !this.#reading.has(partition)
      if (quiet && this.#onDisk.get(partition) === file.position) followed.assigned = false
    }
  }

  #forget(partition: string): void {
    this.#files.delete(partition)
    this.#onDisk.delete(partition)
  }

  /** The files that there are now; a pattern that matches nothing yet is waited for. */
  async #find(port: SourcePort): Promise<ReadonlySet<string>> {
    const found = new Set<string>()
    let trouble: string | undefined
    for (const pattern of this.#settings.paths) {
      try {
        for (const path of await filesOf(pattern)) found.add(path)
      } catch (error) {
        const empty = error instanceof InputError && (error.code === 'no-logs' || error.code === 'no-match')
        if (!empty) trouble = (error as Error).message
      }
    }
    port.connection(trouble === undefined, trouble ?? `${found.size} files`)
    return found
  }

  /** Takes note of what a file looks like now. Returns its partition; nothing if it can't be read. */
  async #note(path: string, port: SourcePort, taken: ReadonlySet<string>): Promise<string | undefined> {
    const stats = await stat(path).catch(() => undefined)
    if (!stats?.isFile()) return undefined
    const partition = this.#partition(stats, taken)
    const known = this.#files.get(partition)
    if (!known) this.#files.set(partition, await this.#newFile(path, partition, stats, port))
    else if (!this.#reading.has(partition)) noteChange(known, path, stats)
    return partition
  }

  /** Two file systems may use the same number; the device's own is no name, since it changes when it is mounted anew. */
  #partition({ ino, dev }: Stats, taken: ReadonlySet<string>): string {
    const partition = `${this.name}/${ino}`
    return taken.has(partition) ? `${partition}-${dev}` : partition
  }

  async #newFile(path: string, partition: string, stats: Stats, port: SourcePort): Promise<Followed> {
    const position = port.position(partition)
    this.#onDisk.set(partition, position)
    const file = new TailFile(path, position, (shown) => relative(process.cwd(), shown))
    const facts = { size: stats.size, modified: stats.mtimeMs }
    const quietSince = performance.now() - Math.max(0, Date.now() - stats.mtimeMs)
    const begins = await file.begins(facts)
    return { file, partition, begins, ...facts, quietSince, again: 0, assigned: false }
  }

  /** Begins to read the files at which it is time to look, the earliest first. */
  async #readDue(port: SourcePort): Promise<void> {
    const now = performance.now()
    const due = [...this.#files.values()]
      .filter(({ again, quietSince }) => again !== undefined && now - quietSince >= again)
      .filter(({ partition }) => !this.#reading.has(partition))
      .sort((a, b) => a.begins - b.begins)
      .slice(0, MOST_AT_A_TIME - this.#reading.size)
    for (const followed of due) followed.assigned = true
    await this.#assign(port)
    for (const followed of due) this.#reading.set(followed.partition, this.#read(followed, port))
  }

  /** Tells which files are read, one telling after the other. */
  async #assign(port: SourcePort): Promise<void> {
    const assigned = [...this.#files.values()].filter((one) => one.assigned).map(({ partition }) => partition)
    const text = assigned.join('\n')
    if (text !== this.#assignment) this.#told = this.#told.then(() => port.assign(assigned))
    this.#assignment = text
    await this.#told
  }

  /** Reads on in a file; when done, begins the next one before it says so: else all could seem to be read. */
  async #read(followed: Followed, port: SourcePort): Promise<void> {
    const quiet = performance.now() - followed.quietSince
    followed.again = await this.#readOn(followed, quiet, port)
    this.#reading.delete(followed.partition)
    if (this.#stopped) return
    await this.#readDue(port)
    if (followed.again === undefined) port.behind(followed.partition, 0)
  }

  /** Reads on in a file. Returns when to look at it again although it does not change. */
  async #readOn(followed: Followed, quiet: number, port: SourcePort): Promise<number | undefined> {
    try {
      const reached = await this.#take(followed, quiet, port)
      const { settle, give_up } = this.#settings
      if (reached === 'end') return undefined
      if (quiet < give_up) return quiet < settle ? settle : give_up
      if (reached === 'cut-gzip') this.#report(followed, 'cut-gzip', 'gzip is broken off')
    } catch (error) {
      this.#failed(followed, error as NodeJS.ErrnoException)
    }
    return undefined
  }

  async #take(followed: Followed, quiet: number, port: SourcePort): Promise<Reached> {
    const { settle, give_up } = this.#settings
    const messages = followed.file.messages(followed, { settled: quiet >= settle, final: quiet >= give_up })
    let left = Math.ceil(followed.size / USUAL_BYTES)
    for (;;) {
      port.behind(followed.partition, Math.max(1, left))
      const next = await messages.next()
      if (next.done) return next.value
      left -= next.value.length
      if (next.value.length > 0) await this.#unlessStopped(port.take(followed.partition, next.value))
      if (this.#stopped) {
        await messages.return('open')
        return 'open'
      }
    }
  }

  /** There may never be room again once the daemon stops. */
  async #unlessStopped(taken: Promise<void>): Promise<void> {
    await unlessAborted(taken, this.#stop.signal).catch(() => {})
  }

  #failed(followed: Followed, { code, message }: NodeJS.ErrnoException): void {
    if (code === 'ENOENT') this.#forget(followed.partition)
    else this.#report(followed, code?.startsWith('Z_') ? 'corrupt-gzip' : 'unreadable', message)
  }

  #report({ file }: Followed, event: string, detail: string): void {
    this.#around.count(event)
    this.#around.log.error({ file: file.path, detail }, 'a file could not be read to its end')
  }
}
