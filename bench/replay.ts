import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { inChild, middle } from './child.js'
import { measuredDetections } from './pack.js'
import { type RecordsFile, writeRecords } from './records-file.js'
import { atLeast, atMost, figure, type Line, lineText } from './report.js'
import * as tasks from './tasks.js'

/**
 * How fast a replay is and how much memory it takes, as ratios within one run: against a bare loop that only
 * parses, against a shorter file, against fewer agents. Each measurement runs in a process of its own, one after
 * the other; the agents' memory is measured two at a time, since it does not depend on time.
 */
const SCRIPT = fileURLToPath(import.meta.url)

const RECORDS = 200_000
const DAYS = 15
const ROUNDS = 5
const SCORING_ROUNDS = 3
/** Agents of the large and of the small population whose speed is compared, over the same number of rows. */
const [MANY, FEW] = [100_000, 1_000]
const QUIET_AGENTS = [1_000, 10_000, 100_000]
/** A hundred thousand busy agents would be 187 million rows. */
const BUSY_AGENTS = [1_000, 10_000]

const TARGETS = {
  throughput: 0.6,
  /** Of the whole file against a quarter of it. */
  memoryOfFile: 1.25,
  quietBytes: 2_048,
  busyBytes: 10_240,
  manyAgents: 0.7,
}

const byName: Record<string, (...args: string[]) => Promise<unknown>> = {
  bareLoop: (path) => tasks.bareLoop(path!),
  wholePath: (path) => tasks.wholePath(path!),
  filePeak: (path, bytes) => tasks.filePeak(path!, Number(bytes)),
  agentBytes: (kind, count) => tasks.agentBytes(kind as 'quiet' | 'busy', Number(count)),
  scoring: (count, rounds) => tasks.scoring(Number(count), Number(rounds)),
}

function print(line: Line): void {
  console.log(lineText(line))
}

async function throughput({ path }: RecordsFile): Promise<void> {
  console.log('\nThroughput, whole path with all detections against a bare JSON.parse loop')
  const bare: tasks.Timing[] = []
  const whole: tasks.Timing[] = []
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(await inChild(SCRIPT, 'bareLoop', path))
    whole.push(await inChild(SCRIPT, 'wholePath', path))
  }
  print(figure('bare loop', `${rate(bare)} k/s`))
  print(figure(`whole path (${whole[0]!.alerts} alerts)`, `${rate(whole)} k/s`))
  print(
    atLeast(
      `whole path / bare loop, medians of ${ROUNDS}`,
      speedOf(whole) / speedOf(bare),
      TARGETS.throughput,
    ),
  )
}

async function memoryOfFile({ path, bytes }: RecordsFile): Promise<void> {
  console.log('\nMemory over the length of the file')
  const peaks: tasks.FilePeak[] = []
  for (const share of [1 / 4, 1 / 2, 1]) {
    const peak = await inChild<tasks.FilePeak>(SCRIPT, 'filePeak', path, String(Math.floor(bytes * share)))
    peaks.push(peak)
    print(
      figure(
        `${peak.records} records: in use / resident at most`,
        `${mb(peak.inUse)} / ${mb(peak.resident)} MB`,
      ),
    )
  }
  const [quarter, , whole] = peaks as [tasks.FilePeak, tasks.FilePeak, tasks.FilePeak]
  print(atMost('resident, whole file / a quarter', whole.resident / quarter.resident, TARGETS.memoryOfFile))
}

async function memoryOfAgents(): Promise<void> {
  console.log('\nMemory an agent, after 13 days')
  const plans = [
    ...BUSY_AGENTS.map((count) => ({ kind: 'busy' as const, count })),
    ...QUIET_AGENTS.map((count) => ({ kind: 'quiet' as const, count })),
  ]
  const measured = await twoAtATime(plans.reverse(), async (plan) => {
    const { kind, count } = plan
    return { ...plan, ...(await inChild<tasks.AgentBytes>(SCRIPT, 'agentBytes', kind, String(count))) }
  })
  for (const { kind, count, bytes, rows, alerts } of measured.reverse()) {
    const name = `${kind}, ${count} agents (${rows / count} rows each, ${alerts} alerts)`
    print(atMost(name, bytes, kind === 'quiet' ? TARGETS.quietBytes : TARGETS.busyBytes, ' B', 0))
  }
  console.log(`  Busy agents are not measured at ${MANY}: it would take minutes.`)
}

async function manyAgents(): Promise<void> {
  console.log('\nScoring with many agents, the same number of rows')
  const few: tasks.Timing[] = []
  const many: tasks.Timing[] = []
  for (let round = 0; round < SCORING_ROUNDS; round++) {
    few.push(await inChild(SCRIPT, 'scoring', String(FEW), String(MANY / FEW)))
    many.push(await inChild(SCRIPT, 'scoring', String(MANY), '1'))
  }
  print(figure(`${FEW} agents`, `${rate(few)} k/s`))
  print(figure(`${MANY} agents`, `${rate(many)} k/s`))
  print(
    atLeast(
      `${MANY} / ${FEW} agents, medians of ${SCORING_ROUNDS}`,
      speedOf(many) / speedOf(few),
      TARGETS.manyAgents,
    ),
  )
}

/** Does something with each item, two at a time where there are two processors; results in the items' order. */
async function twoAtATime<Item, Result>(items: readonly Item[], act: (item: Item) => Promise<Result>) {
  const results: Result[] = []
  let next = 0
  const worker = async () => {
    for (let at = next++; at < items.length; at = next++) results[at] = await act(items[at]!)
  }
  await Promise.all(availableParallelism() > 1 ? [worker(), worker()] : [worker()])
  return results
}

/** Records a second, the median. */
function speedOf(timings: readonly tasks.Timing[]): number {
  return middle(timings.map(({ records, seconds }) => records / seconds))
}

function rate(timings: readonly tasks.Timing[]): string {
  return (speedOf(timings) / 1000).toFixed(1)
}

function mb(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(0)
}

async function main(): Promise<void> {
  const start = performance.now()
  const folder = await mkdtemp(join(tmpdir(), 'agentwarden-bench-'))
  try {
    const file = await writeRecords(join(folder, 'records.ndjson'), RECORDS, DAYS)
    const { records, agents, days, bytes } = file
    console.log(`Node ${process.version}, ${(await measuredDetections()).length} detections`)
    console.log(
      `${records} sign-ins of ${agents} agents over ${days} days, ${(bytes / records).toFixed(0)} B each`,
    )
    await throughput(file)
    await memoryOfFile(file)
  } finally {
    await rm(folder, { recursive: true })
  }
  await memoryOfAgents()
  await manyAgents()
  console.log(`\n${((performance.now() - start) / 1000).toFixed(0)} s`)
}

const [task, ...args] = process.argv.slice(2)
if (task === undefined) await main()
else process.send!(await byName[task]!(...args), () => process.disconnect())
