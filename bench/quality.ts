import { parseArgs } from 'node:util'
import type { Alert } from '../src/alerts/alert.js'
import { increment } from '../src/collections.js'
import { loadDetections } from '../src/detections/load.js'
import { HOUR_MS } from '../src/records/time.js'
import { Replay } from '../src/replay/replay.js'
import { type Label, messages, type PlannedChange, type Simulation, simulate } from '../src/simulate/index.js'
import type { Piece } from '../src/sources/splitter.js'
import { explains as isOf } from '../src/tuning/labels.js'
import { uriTemplate } from '../src/views/uri-template.js'

/**
 * How good the pack is on simulated tenants: which labelled attacks raise an alert on their agent in their time,
 * and how many alerts come after 14 days of learning that no attack explains. Of these, those that name a change
 * which the agent's owners planned are told apart (a rotated credential, a resource that a deployment added): they
 * say what happened, and only the owners know that it was meant. Sentinel closes such incidents as benign positive,
 * the others as false positive.
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
  readonly plannedAlerts: readonly Alert[]
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

type Identity = Pick<Label, 'agent' | 'appId'>

function isAbout(alert: Alert, { agent, appId }: Identity): boolean {
  return alert.agentId === agent || alert.appId === appId
}

const involved = (label: Label): Identity[] => (label.by ? [label, label.by] : [label])

/** An alert is an attack's if it is about an agent that it was done to, or that did it, and about an hour of it. */
function explains(label: Label, alert: Alert, agents: readonly Identity[] = involved(label)): boolean {
  const [from, to] = [Date.parse(label.from), Date.parse(label.to)]
  return agents.some((agent) => isOf({ ...agent, attack: label.attack, from, to }, alert))
}

/** A placeholder of a Graph path as an id that the template leaves out. */
const ANY_ID = '11111111-2222-3333-4444-555555555555'

/** What a change adds, as alerts name it. */
function namesOf({ adds }: PlannedChange): string[] {
  return adds.map((added) => {
    const [method, path] = added.split(' ')
    if (path === undefined) return added.toLowerCase()
    return `${method} ${uriTemplate(path.replace(/\{\w+\}/g, ANY_ID))}`.toLowerCase()
  })
}

/**
 * An alert names a planned change if it is about its agent, not before it, and about the very thing it added; of a change
 * that lasts, if it comes while it does.
 */
function names(change: PlannedChange, alert: Alert): boolean {
  if (!isAbout(alert, change) || Date.parse(alert.time) < Date.parse(change.at) - HOUR_MS) return false
  if (change.to !== undefined && Date.parse(alert.time) <= Date.parse(change.to)) return true
  const added = namesOf(change)
  return Object.values(alert.entity).some((value) => added.includes(String(value).toLowerCase()))
}

async function outcome(seed: number): Promise<Outcome> {
  const simulation = simulate({ agents, days, seed, attacks: 'all' })
  const alerts = await alertsOf(simulation)
  const { labels, changes } = simulation
  const from = simulation.start + LEARNING_DAYS * 24 * HOUR_MS
  const unexplained = alerts.filter(
    (alert) => Date.parse(alert.time) >= from && !labels.some((label) => explains(label, alert)),
  )
  const isPlanned = (alert: Alert) => changes.some((change) => names(change, alert))
  return {
    labels,
    // An attack is caught on the agent that it was done to: who did it may have been caught for something else.
    caught: new Set(labels.filter((label) => alerts.some((alert) => explains(label, alert, [label])))),
    plannedAlerts: unexplained.filter(isPlanned),
    falseAlerts: unexplained.filter((alert) => !isPlanned(alert)),
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

/** Prints alerts by detection, per 100 agents and day; returns the rate of each seed. */
function printRates(title: string, alerts: readonly (readonly Alert[])[]): number[] {
  const agentDays = agents * (days - LEARNING_DAYS)
  const rates = alerts.map(({ length }) => (100 * length) / agentDays)
  const counts = new Map<string, number>()
  for (const { detection } of alerts.flat()) increment(counts, detection)
  console.log(`\n${title} after ${LEARNING_DAYS} days of learning, per 100 agents and day:`)
  for (const [detection, count] of [...counts].sort(([, a], [, b]) => b - a)) {
    console.log(`  ${detection.padEnd(34)} ${((100 * count) / (agentDays * alerts.length)).toFixed(3)}`)
  }
  const total = rates.reduce((sum, rate) => sum + rate, 0) / rates.length
  const bySeed = rates.map((rate) => rate.toFixed(2)).join(', ')
  console.log(`  ${'all'.padEnd(34)} ${total.toFixed(3)}   (by seed: ${bySeed})`)
  return rates
}

const seeds = values.seeds.split(',').map(Number)
console.log(`${agents} agents, ${days} days, seeds ${seeds.join(', ')}, all attacks\n`)
const outcomes: Outcome[] = []
for (const seed of seeds) outcomes.push(await outcome(seed))
const recalled = printRecall(outcomes)
printRates(
  'Alerts that name a planned change',
  outcomes.map((one) => one.plannedAlerts),
)
const falseRates = printRates(
  'False alerts',
  outcomes.map((one) => one.falseAlerts),
)
if (values.verbose) {
  for (const { labels, caught, falseAlerts } of outcomes) {
    for (const label of labels) if (!caught.has(label)) console.log('missed', JSON.stringify(label))
    for (const alert of falseAlerts)
      console.log('false', alert.time, alert.agentName, alert.detection, alert.reason)
  }
}
process.exitCode = recalled && falseRates.every((rate) => rate <= 1) ? 0 : 1
