import { spawn } from 'node:child_process'
import { cpSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { beforeAll, describe, expect, it } from 'vitest'
import { Batch } from '../../src/state/batch.js'
import { StateDamaged, StateLocked, StateNewer } from '../../src/state/errors.js'
import { seal } from '../../src/state/record.js'
import { StateStore } from '../../src/state/store.js'
import { THOROUGH, temporaryFolders } from '../support/folders.js'
import { chance } from '../support/shuffle.js'

const newFolder = temporaryFolders()

type Records = ReadonlyMap<string, unknown>

/** All records of a state. */
async function contentOf(directory: string): Promise<Records> {
  const records = new Map<string, unknown>()
  const store = new StateStore(directory)
  await store.open((key, value) => void records.set(key, value))
  await store.close()
  return records
}

/** Saves each of these changes; `undefined` removes. */
async function saved(store: StateStore, ...saves: Readonly<Record<string, unknown>>[]): Promise<void> {
  for (const changes of saves) {
    const batch = new Batch()
    for (const [key, value] of Object.entries(changes)) {
      if (value === undefined) batch.delete(key)
      else batch.put(key, value)
    }
    await store.save(batch)
  }
}

async function opened(directory: string): Promise<StateStore> {
  const store = new StateStore(directory)
  await store.open()
  return store
}

describe('the state', () => {
  it('is what the last save left, of several changes of one key the last', async () => {
    const folder = newFolder()
    const store = await opened(folder)
    await saved(
      store,
      { a: 1, b: { c: ['é', '\u2028', '\ud800', null] } },
      { a: undefined, d: 'x' },
      { d: 'y' },
    )
    expect(store.saves).toBe(3)
    await store.close()
    expect(await contentOf(folder)).toEqual(
      new Map<string, unknown>([
        ['b', { c: ['é', '\u2028', '\ud800', null] }],
        ['d', 'y'],
      ]),
    )
  })

  it('serialises a value when it is put', async () => {
    const folder = newFolder()
    const store = await opened(folder)
    const value = { count: 1 }
    const batch = new Batch()
    batch.put('a', value)
    value.count = 2
    await store.save(batch)
    await store.close()
    expect(await contentOf(folder)).toEqual(new Map([['a', { count: 1 }]]))
  })

  it('gives out a range in order of the keys', async () => {
    const store = await opened(newFolder())
    await saved(store, { 'x/1': 1, 'x/3': 3, 'x/2': 2, y: 4 })
    expect(await store.range('x/1', 'x/~', 10)).toEqual([2, 3])
    expect(await store.range('x/0', 'x/~', 2)).toEqual([1, 2])
    await store.close()
  })

  it('is refused to a second opener, which changes nothing', async () => {
    const folder = newFolder()
    const store = await opened(folder)
    await expect(new StateStore(folder).open()).rejects.toThrow(StateLocked)
    await saved(store, { a: 1 })
    await store.close()
    expect(await contentOf(folder)).toEqual(new Map([['a', 1]]))
  })

  it('is free again once the process that had it was killed', async () => {
    const folder = newFolder()
    const script = `import { ClassicLevel } from 'classic-level'
      const db = new ClassicLevel(${JSON.stringify(join(folder, 'current'))})
      await db.open(); console.log('open'); setInterval(() => {}, 1e6)`
    await opened(folder).then((store) => store.close())
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await new Promise((resolve) => child.stdout.once('data', resolve))
    await expect(new StateStore(folder).open()).rejects.toThrow(/another process uses the state/)
    child.kill('SIGKILL')
    await new Promise((resolve) => child.once('exit', resolve))
    await opened(folder).then((store) => store.close())
  })

  it('can be put aside', async () => {
    const folder = newFolder()
    const store = await opened(folder)
    await saved(store, { a: 1 })
    const aside = await store.putAside(Date.UTC(2026, 10, 20, 3))
    expect(aside).toBe(join(folder, 'damaged-2026-11-20T03-00-00.000Z'))
    await store.open()
    expect([store.saves, store.records]).toEqual([0, 0])
    await store.close()
    expect(readdirSync(aside)).toContain('CURRENT')
  })
})

describe('a state of another layout', () => {
  const double = (_: string, value: unknown) => Number(value) * 2
  const removeB = (key: string, value: unknown) => (key === 'b' ? undefined : Number(value) + 1)

  it('that is older is migrated step by step, once', async () => {
    const folder = newFolder()
    const store = new StateStore(folder, [])
    await store.open()
    await saved(store, { a: 1, b: 2 })
    await store.close()
    for (const _ of ['first', 'second']) {
      const records = new Map<string, unknown>()
      const newer = new StateStore(folder, [double, removeB])
      await newer.open((key, value) => void records.set(key, value))
      expect(records).toEqual(new Map([['a', 3]]))
      expect([newer.schema, newer.saves]).toEqual([3, 2])
      await newer.close()
    }
  })

  it('that is newer is refused, and no file of it is touched', async () => {
    const folder = newFolder()
    const newer = new StateStore(folder, [double])
    await newer.open()
    await saved(newer, { a: 1 })
    await newer.close()
    const before = filesOf(folder)
    await expect(new StateStore(folder, []).open()).rejects.toThrow(StateNewer)
    await expect(new StateStore(folder, []).open()).rejects.toThrow(
      /has the newer layout 2: this one knows layout 1/,
    )
    expect(filesOf(folder)).toEqual(before)
  })

  it('that is newer is refused also where only the records say so', async () => {
    const folder = newFolder()
    const newer = new StateStore(folder, [double])
    await newer.open()
    await saved(newer, { a: 1 })
    await newer.close()
    rmSync(join(folder, 'schema.json'))
    await expect(new StateStore(folder, []).open()).rejects.toThrow(StateNewer)
  })
})

/** Names and contents of all files. */
function filesOf(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  )
  return Object.fromEntries(
    names.map(({ name, parentPath }) => [name, readFileSync(join(parentPath, name), 'base64')]),
  )
}

describe('a damaged state', () => {
  /** What the state was after each save, the empty one included. */
  const history: Records[] = [new Map()]
  const one = newFolder()

  beforeAll(async () => {
    const random = chance(1)
    const now = new Map<string, unknown>()
    const save = async (store: StateStore, words: number) => {
      const changes: Record<string, unknown> = {}
      for (let index = 0; index < 5; index++) {
        const key = `key/${Math.floor(random() * 12)}`
        changes[key] =
          random() < 0.2 ? undefined : { text: `${'value '.repeat(random() * words)}${random()}` }
      }
      await saved(store, changes)
      for (const [key, value] of Object.entries(changes))
        value === undefined ? now.delete(key) : now.set(key, value)
      history.push(new Map(now))
    }
    // Opened more than once, so that some records lie in tables, and then in a log of several blocks of 32 KiB.
    for (const words of [60, 60, 1_000]) {
      const store = await opened(one)
      for (let index = 0; index < 12; index++) await save(store, words)
      await store.close()
    }
  })

  /** Opens a copy that was damaged. Returns the number of the save that it shows, or `undefined` if it is refused. */
  async function saveShown(damage: (folder: string) => void): Promise<number | undefined> {
    const copy = newFolder()
    cpSync(one, copy, { recursive: true })
    damage(join(copy, 'current'))
    try {
      const content = await contentOf(copy)
      const shown = history.findLastIndex((records) => equal(records, content))
      expect(shown, 'the number of a save whose state this is').toBeGreaterThanOrEqual(0)
      return shown
    } catch (error) {
      if (!(error instanceof StateDamaged)) throw error
      return undefined
    } finally {
      rmSync(copy, { recursive: true, force: true })
    }
  }

  const newest = () => history.length - 1
  const file = (pattern: RegExp) => readdirSync(join(one, 'current')).find((name) => pattern.test(name))!
  const sizeOf = (name: string) => readFileSync(join(one, 'current', name)).length

  it('is read whole as long as nothing is damaged', async () => {
    expect(await saveShown(() => {})).toBe(newest())
  })

  it('whose log breaks off anywhere is that of an earlier save, later ones the longer the log is', async () => {
    const log = file(/\.log$/)
    const size = sizeOf(log)
    const shown: number[] = []
    const step = Math.ceil(size / 60 / THOROUGH)
    for (let length = size; length >= 0; length -= length > size - 40 ? 1 : step) {
      shown.push((await saveShown((folder) => truncateSync(join(folder, log), length)))!)
    }
    expect(shown).toEqual([...shown].sort((a, b) => b - a))
    expect(new Set(shown).size).toBe(13)
  })

  it.each([
    ['the log', /\.log$/],
    ['a table', /\.ldb$/],
    ['the manifest', /^MANIFEST/],
    ['the name of the manifest', /^CURRENT$/],
  ])('in which a bit of %s is flipped is refused, or is that of a save', async (what, pattern) => {
    const name = file(pattern)
    const size = sizeOf(name)
    const outcomes: (number | undefined)[] = []
    const step = Math.max(1, Math.floor(size / 40 / THOROUGH))
    for (let at = 0; at < size; at += step) {
      outcomes.push(await saveShown((folder) => flip(join(folder, name), at, at % 8)))
    }
    expect(outcomes).toContain(undefined)
    if (what === 'a table') expect(outcomes.filter((one) => one !== undefined && one < newest())).toEqual([])
  })

  it.each([
    ['the log', /\.log$/, 'refused or older'],
    ['a table', /\.ldb$/, 'refused'],
    ['the manifest', /^MANIFEST/, 'refused'],
    ['the name of the manifest', /^CURRENT$/, 'refused'],
  ])('that lacks %s is never taken for whole', async (_, pattern, wanted) => {
    const shown = await saveShown((folder) => rmSync(join(folder, file(pattern))))
    if (wanted === 'refused') expect(shown).toBeUndefined()
    else expect(shown ?? 0).toBeLessThan(newest())
  })

  it.each([
    ['another value', 'key/1', 'b'],
    ['the value of another key', 'key/2', 'a'],
    ['one record more', 'key/3', 'a'],
  ])('that has %s, written around all checks of LevelDB, is refused', async (_, key, value) => {
    const folder = newFolder()
    const store = await opened(folder)
    await saved(store, { 'key/1': 'a', 'key/2': 'b' })
    await store.close()
    const db = new ClassicLevel(join(folder, 'current'))
    await db.put(key, seal(key, value).sealed)
    await db.close()
    await expect(contentOf(folder)).rejects.toThrow(/is damaged: save 1 wrote other records/)
  })

  it.each([
    ['text', (sealed: string) => sealed.replace('a', 'b'), /the record key\/1 is damaged/],
    ['check sum', (sealed: string) => `0${sealed.slice(1)}`, /the record key\/1 is damaged/],
    ['key', () => seal('key/2', 'a').sealed, /the record key\/1 is damaged/],
  ])('of which a record has a wrong %s is refused by its name', async (_, damage, message) => {
    const folder = newFolder()
    const store = await opened(folder)
    await saved(store, { 'key/1': 'a' })
    await store.close()
    const db = new ClassicLevel(join(folder, 'current'))
    await db.put('key/1', damage((await db.get('key/1'))!))
    await db.close()
    await expect(contentOf(folder)).rejects.toThrow(message)
  })
})

function equal(a: Records, b: Records): boolean {
  return JSON.stringify([...a].sort()) === JSON.stringify([...b].sort())
}

function flip(file: string, at: number, bit: number): void {
  const bytes = readFileSync(file)
  bytes[at]! ^= 1 << bit
  writeFileSync(file, bytes)
}
