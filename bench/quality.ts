import { parseArgs } from 'node:util'
import type { Alert } from '../src/alerts/alert.js'
import { increment } from '../src/collections.js'
import { loadDetections } from '../src/detections/load.js'
import { HOUR_MS } from '../src/records/time.js'
import { Replay } from '../src/replay/replay.js'
import { type Label, messages, type Simulation, simulate } from '../src/simulate/index.js'
import type { Piece } from '../src/sources/splitter.js'

/**
 * How good the pack is on simulated tenants: which labelled attacks raise an alert on their agent in their time,
 * and how many alerts come after 14 days of learning that no attack explains.
 */
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1,2,3,4,5' },
    agents: { type: 'string', default: '200' },
    days: { type: 'string', default: '28' },
    verbose: { type: 'boolean', default: false },
  },
})
const agents = Number(values.agents)
const days = Number(values.days)
const LEARNING_DAYS = 14

interface Outcome {
  readonly labels: readonly Label[]
  readonly caught: ReadonlySet<Label>
  readonly falseAlerts: readonly Alert[]
}

async function* pieces(simulation: Simulation): AsyncGenerator<Piece[]> {
  for (const { text } of messages(simulation)) {
    const bytes = Buffer.from(text)
    yield [{ bytes, line: 1, offset: 0, length: bytes.length }]
  }
}

async function alertsOf(simulation: Simulation): Promise<Alert[]> {
  const alerts: Alert[] = []
  const detections = await loadDetections()
  const run = new Replay(
    { detections, now: Date.UTC(2100, 0) },
    {
      alerts: (some) => void alerts.push(...some),
      deadLetter: (letter) => console.error('dead letter', letter),
    },
  )
  await run.read([{ name: 'simulation', pieces: () => pieces(simulation) }])
  await run.finish()
  return alerts
}

/** An alert is an attack's if it is about the attacked agent and an hour in which the attack took place. */
function explains(label: Label, alert: Alert): boolean {
  const sameAgent = alert.agentId === label.agent || alert.appId === label.appId
  const hour = Date.parse(alert.hour)
  return sameAgent && hour + HOUR_MS > Date.parse(label.from) && hour <= Date.parse(label.to)
}

async function outcome(seed: number): Promise<Outcome> {
  const simulation = simulate({ agents, days, seed, attacks: 'all' })
  const alerts = await alertsOf(simulation)
  const { labels } = simulation
  const from = simulation.start + LEARNING_DAYS * 24 * HOUR_MS
  return {
    labels,
    caught: new Set(labels.filter((label) => alerts.some((alert) => explains(label, alert)))),
    falseAlerts: alerts.filter(
      (alert) => Date.parse(alert.time) >= from && !labels.some((label) => explains(label, alert)),
    ),
  }
}

function printRecall(outcomes: readonly Outcome[]): boolean {
  const names = [...new Set(outcomes.flatMap(({ labels }) => labels.map(({ attack }) => attack)))].sort()
  let missed = 0
  console.log('Recall by attack (caught of labelled):')
  for (const name of names) {
    const labels = outcomes.flatMap((one) => one.labels.filter(({ attack }) => attack === name))
    const caught = outcomes.flatMap((one) => [...one.caught].filter(({ attack }) => attack === name))
    missed += labels.length - caught.length
    console.log(`  ${name.padEnd(30)} ${caught.length} of ${labels.length}`)
  }
  return missed === 0
}

function printFalseAlerts(outcomes: readonly Outcome[]): boolean {
  const agentDays = agents * (days - LEARNING_DAYS)
  const counts = new Map<string, number>()
  for (const { detection } of outcomes.flatMap(({ falseAlerts }) => falseAlerts)) increment(counts, detection)
  console.log(`\nFalse alerts after ${LEARNING_DAYS} days of learning, per 100 agents and day:`)
  for (const [detection, count] of [...counts].sort(([, a], [, b]) => b - a)) {
    console.log(`  ${detection.padEnd(34)} ${((100 * count) / (agentDays * outcomes.length)).toFixed(3)}`)
  }
  const rates = outcomes.map(({ falseAlerts }) => (100 * falseAlerts.length) / agentDays)
  const total = rates.reduce((sum, rate) => sum + rate, 0) / rates.length
  console.log(
    `  ${'all'.padEnd(34)} ${total.toFixed(3)}   (by seed: ${rates.map((rate) => rate.toFixed(2)).join(', ')})`,
  )
  return rates.every((rate) => rate <= 1)
}

const seeds = values.seeds.split(',').map(Number)
console.log(`${agents} agents, ${days} days, seeds ${seeds.join(', ')}, all attacks\n`)
const outcomes: Outcome[] = []
for (const seed of seeds) outcomes.push(await outcome(seed))
const recalled = printRecall(outcomes)
const quiet = printFalseAlerts(outcomes)
if (values.verbose) {
  for (const { labels, caught, falseAlerts } of outcomes) {
    for (const label of labels) if (!caught.has(label)) console.log('missed', JSON.stringify(label))
    for (const alert of falseAlerts)
      console.log('false', alert.time, alert.agentName, alert.detection, alert.reason)
  }
}
process.exitCode = recalled && quiet ? 0 : 1
