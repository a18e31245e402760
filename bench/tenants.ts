import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import type { ParityResult } from '../src/parity/parity.js'

/**
 * Whether both engines raise the same alerts on simulated tenants with all attacks, whose rows come late, out of order
 * and more than once: `simulate` writes each into a temporary folder and `parity` reads it, as a user would run them.
 * Exit code 1 on a difference.
 */
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1,2,3,4,5' },
    agents: { type: 'string', default: '100' },
    days: { type: 'string', default: '21' },
    'all-hours': { type: 'boolean', default: false },
    inventory: { type: 'boolean', default: false },
  },
})

const CLI = join(import.meta.dirname, '..', 'src', 'cli.js')
const MINUTE_MS = 60_000

interface Sum {
  both: number
  streamOnly: number
  kqlOnly: number
  runs: number
  runsInAll: number
}

async function agentwarden(...args: string[]): Promise<string> {
  const run = promisify(execFile)(process.execPath, [CLI, ...args], { maxBuffer: 2 ** 30 })
  // A difference ends `parity` with 1; what it found is on standard output all the same.
  const { stdout } = await run.catch((error) => (error.code === 1 ? error : Promise.reject(error)))
  return stdout
}

async function resultsOf(seed: string): Promise<ParityResult[]> {
  const folder = await mkdtemp(join(tmpdir(), 'agentwarden-tenant-'))
  try {
    const size = ['--agents', values.agents, '--days', values.days, '--seed', seed]
    await agentwarden('simulate', '--out', folder, ...size, '--gzip', '--quiet')
    const inventory = values.inventory ? ['--agents', join(folder, 'agents.yaml')] : []
    const hours = values['all-hours'] ? ['--all-hours'] : []
    return JSON.parse(await agentwarden('parity', folder, '--json', '--quiet', ...inventory, ...hours))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function sum(results: readonly ParityResult[]): Sum {
  const total: Sum = { both: 0, streamOnly: 0, kqlOnly: 0, runs: 0, runsInAll: 0 }
  for (const one of results) {
    total.both += one.both
    total.streamOnly += one.streamOnly.length
    total.kqlOnly += one.kqlOnly.length
    total.runs += one.runs
    total.runsInAll += one.runsInAll
  }
  return total
}

function line(name: string, { both, streamOnly, kqlOnly, runs, runsInAll }: Sum, minutes = ''): string {
  const counts = [both, streamOnly, kqlOnly].map((count, at) => String(count).padStart([7, 12, 9][at]!))
  return `${name.padEnd(34)} ${counts.join(' ')}  ${`${runs} of ${runsInAll}`.padEnd(18)} ${minutes}`.trimEnd()
}

const HEAD = `${'both'.padStart(7)} ${'stream only'.padStart(12)} ${'KQL only'.padStart(9)}  runs`
console.log(
  `${values.agents} agents, ${values.days} days, all attacks\n\n${'seed'.padEnd(34)} ${HEAD.padEnd(48)} minutes`,
)
const all: ParityResult[] = []
for (const seed of values.seeds.split(',')) {
  const started = Date.now()
  const results = await resultsOf(seed)
  console.log(line(seed, sum(results), ((Date.now() - started) / MINUTE_MS).toFixed(1)))
  for (const { detection, streamOnly, kqlOnly } of results) {
    for (const key of streamOnly) console.log(`  stream only: ${detection} ${key}`)
    for (const key of kqlOnly) console.log(`  KQL only:    ${detection} ${key}`)
  }
  all.push(...results)
}
console.log(`\n${'detection'.padEnd(34)} ${HEAD}`)
for (const name of new Set(all.map(({ detection }) => detection)))
  console.log(line(name, sum(all.filter(({ detection }) => detection === name))))
const { streamOnly, kqlOnly } = sum(all)
process.exitCode = streamOnly + kqlOnly === 0 ? 0 : 1
