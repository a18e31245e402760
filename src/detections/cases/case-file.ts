import { z } from 'zod'
import type { InventoryEntry } from '../../agents/inventory.js'
import { inventoryEntry } from '../../agents/load.js'
import type { YamlFile } from '../../config/yaml.js'

/** `0d 10:00`, `-8d`, `3d 23:59:59`: a day counted from the Monday on which every case takes place. */
const moment = z.string().regex(/^-?\d+d( \d{2}:\d{2}(:\d{2})?)?$/, 'a moment reads like -8d or 0d 10:00')
const step = z.string().regex(/^\d+[mhd]$/, 'a step reads like 15m, 1h or 1d')
const hours = z.string().regex(/^\d{1,2}-\d{1,2}$/, 'hours read like 8-17')

const expectation = z.union([
  z.literal(true),
  z.strictObject({
    entity: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
    observed: z.union([z.string(), z.number()]).optional(),
    reason: z.string().optional(),
  }),
])

/** Column values of the base record's table, beside what an event says of itself. */
const columns = z.record(z.string(), z.unknown())

/** What every event may say of itself. `changes` and `before` are values of an audit record's modified properties. */
const common = {
  alert: expectation.optional(),
  times: z.int().min(1).optional(),
  changes: columns.optional(),
  before: columns.optional(),
}
/** `record: none` says what is expected of an hour in which nothing of the agent comes. */
const single = z.looseObject({ at: moment, ...common })
const series = z.looseObject({
  every: step,
  from: moment,
  to: moment,
  hours: hours.optional(),
  days: z.enum(['weekdays', 'weekend', 'all']).optional(),
  ...common,
})
const event = z.union([series, single])

const oneCase = z.strictObject({
  name: z.string().trim().min(1),
  events: z.array(z.union([event, z.array(event)])).min(1),
})

const caseFile = z.strictObject({
  base: columns,
  history: z.unknown().optional(),
  inventory: z.array(inventoryEntry).optional(),
  cases: z.array(oneCase).min(3, 'at least one case that fires and two that stay quiet'),
})

export type Expectation = z.infer<typeof expectation>
export type SingleEvent = z.infer<typeof single>
export type SeriesEvent = z.infer<typeof series>
export type CaseEvent = SingleEvent | SeriesEvent

/** One case: events, some of which must raise an alert; all others must not. */
export interface Case {
  readonly name: string
  readonly events: readonly CaseEvent[]
}

/** The events on which a detection proves itself. */
export interface CaseFile {
  readonly base: Readonly<Record<string, unknown>>
  readonly inventory: readonly InventoryEntry[]
  readonly cases: readonly Case[]
}

/** Reads a file of events; its problems are noted in the file. */
export function readCases(yaml: YamlFile): CaseFile | undefined {
  const said = yaml.check(caseFile)
  if (!said) return undefined
  const cases = said.cases.map(({ name, events }) => ({ name, events: events.flat() }))
  const firing = cases.filter(({ events }) => events.some((one) => 'alert' in one)).length
  if (firing === 0) yaml.report(['cases'], 'no case fires: one event at least says alert')
  if (cases.length - firing < 2) yaml.report(['cases'], 'fewer than two cases stay quiet')
  return { base: said.base, inventory: said.inventory ?? [], cases }
}
