import { execFileSync, spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import type { SaveStep } from '../../src/daemon/saver.js'
import type { OutgoingAlert } from '../../src/daemon/sink.js'
import { loadDetections } from '../../src/detections/load.js'
import { POSITIONS } from '../../src/state/keys.js'
import { StateStore } from '../../src/state/store.js'
import type { CrashOptions } from '../support/crash-daemon.js'
import { writeSensitivePack } from '../support/detection-files.js'
import { THOROUGH, temporaryFolders } from '../support/folders.js'
import { simulatedMessages } from '../support/load.js'
import { actual, differences, expected, type Input, type Result } from '../support/oracle.js'
import { chance } from '../support/shuffle.js'

const repository = fileURLToPath(new URL('../..', import.meta.url))
const script = fileURLToPath(new URL('../../build/crash/test/support/crash-daemon.js', import.meta.url))

/** Kills at random instants; `npm run test:crash` asks for a thousand. */
const CRASHES = Number(process.env.CRASHES ?? 6)

const newFolder = temporaryFolders()
const pack = newFolder()
const input = newFolder()
const bad = ['{"records":[{"category":"AuditLogs","properties":7}]}', 'no JSON', '']
const messages = simulatedMessages(5)
/** A message that can't be read after every hundredth one. */
const all = messages.flatMap((message, index) =>
  index % 100 === 50 ? [message, { ...message, body: bad[(index / 50) % bad.length]! }] : [message],
)

let given: Input
let wanted: Result

beforeAll(async () => {
  execFileSync('npx', ['tsc', '-p', 'tsconfig.crash.json'], { cwd: repository })
  writeSensitivePack(pack)
  const lines = all.map(({ body, enqueued }, index) => JSON.stringify([`p${index % 3}`, body, enqueued]))
  writeFileSync(input, `${lines.join('\n')}\n`)
  given = {
    detections: await loadDetections(pack),
    messages: messages.map(({ body }) => body),
    stream: { reorderHours: 12 },
  }
  wanted = await expected(given)
}, 60_000)

interface Ran {
  readonly done: boolean
  readonly milliseconds: number
}

/** Runs the daemon, and kills it so many milliseconds after it began to read. */
async function run(state: string, kill: Partial<CrashOptions> & { readonly after?: number }): Promise<Ran> {
  const options: CrashOptions = { state, input, detections: pack, reorderHours: 12, ...kill }
  const child = spawn(process.execPath, [script, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const said: string[] = []
  let started = 0
  child.stdout.on('data', (chunk: Buffer) => {
    said.push(chunk.toString())
    if (started > 0) return
    started = performance.now()
    if (kill.after !== undefined) setTimeout(() => child.kill('SIGKILL'), kill.after)
  })
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
    child.once('exit', (...how) => resolve(how)),
  )
  if (code !== 0 && signal !== 'SIGKILL') throw new Error(`the daemon ended with ${code ?? signal}`)
  return { done: said.join('').endsWith('done\n'), milliseconds: performance.now() - started }
}

/** What was delivered, also by those that were killed; the last line may be torn. */
function wireOf(state: string): OutgoingAlert[] {
  const text = existsSync(`${state}.wire`) ? readFileSync(`${state}.wire`, 'utf8') : ''
  return text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as OutgoingAlert]
    } catch {
      return []
    }
  })
}

/** No position that a source was told lies beyond the one that is on disk. */
async function expectToldAfterSave(state: string): Promise<void> {
  const saved = new Map<string, number>()
  const store = new StateStore(state)
  await store.open((key, value) => {
    const { partition, position } = value as { partition: string; position: string }
    if (key.startsWith(POSITIONS)) saved.set(partition, Number(position))
  })
  await store.close()
  const told = existsSync(`${state}.told`) ? readFileSync(`${state}.told`, 'utf8').trim().split('\n') : []
  for (const [partition, position] of JSON.parse(told.at(-1) ?? '[]') as [string, string][])
    expect(Number(position)).toBeLessThanOrEqual(saved.get(partition) ?? -1)
}

/** Nothing was lost, nothing counted twice, and what was delivered twice has the same id. */
async function expectWhole(state: string): Promise<void> {
  const result = await actual(state, given, wireOf(state))
  expect(differences(result, wanted)).toEqual([])
  const letters = readFileSync(`${state}.dead-letters`, 'utf8').trim().split('\n')
  const places = letters.map((line) => JSON.parse(line) as { partition: string; position: string })
  expect(new Set(places.map(({ partition, position }) => `${partition}/${position}`)).size).toBe(
    all.length - messages.length,
  )
}

const STEPS: readonly SaveStep[] = [
  'before-serialise',
  'after-serialise',
  'before-removal',
  'before-write',
  'after-write',
  'after-removal',
  'after-saved',
]

describe('a daemon that is killed', () => {
  it('at each step of a save goes on as if nothing had been', async () => {
    const times = Array.from({ length: THOROUGH }, (_, index) => index + 1)
    for (const time of times) {
      const state = newFolder()
      for (const step of STEPS) {
        const { done } = await run(state, { step, time })
        expect([step, done]).toEqual([step, false])
        await expectToldAfterSave(state)
      }
      expect((await run(state, {})).done).toBe(true)
      await expectWhole(state)
    }
  }, 600_000)

  it(`${CRASHES} times at any instant loses nothing, and counts nothing twice`, async () => {
    const random = chance(CRASHES)
    let kills = 0
    let runs = 0
    while (kills < CRASHES) {
      const state = newFolder()
      let full = 400
      for (let done = false; !done; ) {
        const outcome = await run(state, kills < CRASHES ? { after: random() * full } : {})
        done = outcome.done
        if (done) full = outcome.milliseconds
        else {
          kills++
          await expectToldAfterSave(state)
        }
      }
      runs++
      await expectWhole(state)
    }
    expect(runs).toBeGreaterThan(0)
  }, 3_600_000)
})
