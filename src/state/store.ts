import { open, readdir, readFile, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ClassicLevel } from 'classic-level'
import { Batch } from './batch.js'
import { Digest, type Sum } from './digest.js'
import { StateDamaged, StateNewer } from './errors.js'
import { openLevel } from './level.js'
import { MIGRATIONS, type Migration } from './migrations.js'
import { checked, seal, unsealed } from './record.js'

/** The record about all others. */
const META = 'meta'

/** A directory of its own: a volume's mount point can't be renamed. */
const CURRENT = 'current'

/** Read before LevelDB looks at anything, which may rewrite its files. */
const SCHEMA_FILE = 'schema.json'

/** Bytes that are handed to LevelDB in one go; encoding them takes some 10 ms. */
const SLICE = 1_000_000

/** Called with each record. */
export type Visit = (key: string, value: unknown) => void | Promise<void>

/** What a state says of itself. */
export interface Meta extends Sum {
  readonly schema: number
  /** Number of the save, from 1 on. */
  readonly save: number
}

/**
 * The daemon's state on disk: records by key in LevelDB, changed by atomic, synced saves. Only one process at a time
 * has it open. Nothing of a damaged state is ever handed out without an error in the end.
 */
export class StateStore {
  readonly directory: string
  readonly #migrations: readonly Migration[]
  #db: ClassicLevel<string, string> | undefined
  #digest = new Digest()
  #save = 0

  constructor(directory: string, migrations: readonly Migration[] = MIGRATIONS) {
    this.directory = directory
    this.#migrations = migrations
  }

  /** Number of the last save that is on disk; 0 if there is none. */
  get saves(): number {
    return this.#save
  }

  /** How many records there are. */
  get records(): number {
    return this.#digest.sum.records
  }

  /** Whether it is open, and the last save did not fail. */
  get usable(): boolean {
    return this.#db !== undefined
  }

  /** The layout that this version writes. */
  get schema(): number {
    return this.#migrations.length + 1
  }

  /**
   * Opens the state and checks every record, calling back with each; makes an empty one if there is none. An older
   * layout is migrated. What was called back with is of no use if it throws. O(state).
   * @throws StateDamaged, StateNewer, or Error if the directory can't be used.
   */
  async open(visit?: Visit): Promise<void> {
    await this.#checkSchemaFile()
    try {
      this.#db = await openLevel(join(this.directory, CURRENT))
      const meta = await this.#meta()
      if (meta.schema > this.schema) throw this.#newer(meta.schema)
      if (meta.schema < this.schema) await this.#migrate(meta)
      await this.#read(await this.#meta(), visit)
      await this.#writeSchemaFile()
    } catch (error) {
      await this.close()
      throw error
    }
  }

  /** Whether there is a record. */
  has(key: string): boolean {
    return this.#digest.has(key)
  }

  /** The keys that begin in a certain way, in no order. O(records). */
  keys(prefix: string): Iterable<string> {
    return this.#digest.keys(prefix)
  }

  /**
   * Writes a batch, all of it or nothing, and waits until it is on disk. Only one at a time. After an error the state
   * is closed, since LevelDB then can't say what is on disk: opened again, `saves` tells whether this one had arrived.
   */
  async save(batch: Batch): Promise<void> {
    const changes = [...batch.entries()].filter(([key, record]) => record ?? this.#digest.has(key))
    const sum = this.#digest.after(changes.map(([key, record]) => [key, record?.crc]))
    try {
      await this.#write(changes, { schema: this.schema, save: this.#save + 1, ...sum })
    } catch (error) {
      await this.close()
      throw error
    }
    for (const [key, record] of changes) this.#digest.set(key, record?.crc)
    this.#save++
  }

  /** The values of the keys after `after` up to `to`, in order of the keys, at most so many. */
  async range(after: string, to: string, most: number): Promise<unknown[]> {
    const values: unknown[] = []
    for await (const [key, sealed] of this.#opened.iterator({ gt: after, lte: to, limit: most })) {
      if (checked(key, sealed) === undefined) throw new StateDamaged(`${this.directory}: ${key} is damaged`)
      values.push(unsealed(sealed))
    }
    return values
  }

  /** Bytes on disk. */
  async bytes(): Promise<number> {
    const folder = join(this.directory, CURRENT)
    const files = await readdir(folder).catch((): string[] => [])
    const sizes = files.map((file) =>
      stat(join(folder, file)).then(
        ({ size }) => size,
        () => 0,
      ),
    )
    return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
  }

  /** Closes, and frees the lock. */
  async close(): Promise<void> {
    const db = this.#db
    this.#db = undefined
    await db?.close()
  }

  /** Puts a damaged state aside, in the same directory. Returns its new path. `time` is a part of that. */
  async putAside(time: number): Promise<string> {
    await this.close()
    const aside = join(this.directory, `damaged-${new Date(time).toISOString().replaceAll(':', '-')}`)
    await rename(join(this.directory, CURRENT), aside)
    return aside
  }

  get #opened(): ClassicLevel<string, string> {
    if (this.#db === undefined) throw new Error(`the state in ${this.directory} is not open`)
    return this.#db
  }

  async #write(changes: Iterable<readonly [string, { sealed: string } | undefined]>, meta: Meta) {
    const chain = this.#opened.batch()
    let bytes = 0
    for (const [key, record] of changes) {
      if (record) chain.put(key, record.sealed)
      else chain.del(key)
      bytes += record?.sealed.length ?? 0
      if (bytes < SLICE) continue
      bytes = 0
      await new Promise(setImmediate)
    }
    chain.put(META, seal(META, meta).sealed)
    await chain.write({ sync: true })
  }

  async #meta(): Promise<Meta> {
    const sealed = await this.#opened.get(META).catch((cause) => {
      throw this.#damaged('its head can not be read', cause)
    })
    if (sealed === undefined) return { schema: this.schema, save: 0, records: 0, digest: 0 }
    if (checked(META, sealed) === undefined) throw this.#damaged('its head is damaged')
    return unsealed(sealed) as Meta
  }

  async #read(meta: Meta, visit: Visit | undefined): Promise<void> {
    this.#digest = new Digest()
    for await (const [key, sealed] of this.#records()) {
      const crc = checked(key, sealed)
      if (crc === undefined) throw this.#damaged(`the record ${key} is damaged`)
      this.#digest.set(key, crc)
      if (visit) await visit(key, unsealed(sealed))
    }
    const { records, digest } = this.#digest.sum
    if (records !== meta.records || digest !== meta.digest)
      throw this.#damaged(`save ${meta.save} wrote other records: ${meta.records}, and ${records} are there`)
    this.#save = meta.save
  }

  async *#records(): AsyncIterable<[key: string, sealed: string]> {
    const iterator = this.#opened.iterator({ highWaterMarkBytes: SLICE })
    try {
      for (;;) {
        const entries = await iterator.nextv(1_000).catch((cause) => {
          throw this.#damaged('it can not be read to its end', cause)
        })
        if (entries.length === 0) return
        for (const entry of entries) if (entry[0] !== META) yield entry
      }
    } finally {
      await iterator.close()
    }
  }

  async #migrate(meta: Meta): Promise<void> {
    const records: [string, unknown][] = []
    await this.#read(meta, (key, value) => void records.push([key, value]))
    await this.#writeSchemaFile()
    const batch = new Batch()
    for (const [key, value] of records) {
      const migrated = this.#migrations
        .slice(meta.schema - 1)
        .reduce((old, migrate) => (old === undefined ? undefined : migrate(key, old)), value)
      if (migrated === undefined) batch.delete(key)
      else batch.put(key, migrated)
    }
    await this.save(batch)
  }

  async #checkSchemaFile(): Promise<void> {
    const text = await readFile(join(this.directory, SCHEMA_FILE), 'utf8').catch(() => '{}')
    const schema = /"schema":(\d+)/.exec(text)?.[1] ?? '0'
    if (Number(schema) > this.schema) throw this.#newer(Number(schema))
  }

  /** Written before a migration: an older version then refuses, rather than take the new layout for damage. */
  async #writeSchemaFile(): Promise<void> {
    const file = join(this.directory, SCHEMA_FILE)
    const text = `{"schema":${this.schema}}\n`
    if ((await readFile(file, 'utf8').catch(() => '')) === text) return
    const handle = await open(`${file}.new`, 'w')
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(`${file}.new`, file)
  }

  #newer(schema: number): StateNewer {
    const known = `this one knows layout ${this.schema}`
    return new StateNewer(`the state in ${this.directory} has the newer layout ${schema}: ${known}`)
  }

  #damaged(what: string, cause?: unknown): StateDamaged {
    return new StateDamaged(`the state in ${this.directory} is damaged: ${what}`, { cause })
  }
}
