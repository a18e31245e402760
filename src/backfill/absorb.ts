import { getOrAdd } from '../collections.js'
import { HOUR_MS, hourOf } from '../records/time.js'
import type { Sighting } from '../scoring/known-agents.js'
import type { Agent, Remembered } from '../scoring/memory.js'
import { compareRows } from '../scoring/reorder.js'
import type { Scorer } from '../scoring/scorer.js'
import type { Summary } from '../scoring/summary.js'
import { views } from '../views/index.js'
import { knowsTenant, type ViewRow, type ViewValue } from '../views/view.js'
import type { Answer } from '../workspace/client.js'
import type { Question, Use } from './question.js'

/** A question and all of its answer for one slice of time. */
export interface Answered {
  readonly question: Question
  readonly answers: readonly Answer[]
}

/** What could not be used. */
export interface AbsorbCounters {
  /** Lines of agents beyond the bound of agents. */
  beyondAgents: number
  /** Lines of tables that don't name the tenant, in a workspace with agents of several, or of none so far. */
  withoutTenant: number
}

/** Counts the answers for one slice of time into a scorer's memory. Slices come in order of time, each once. */
export class Absorber {
  readonly counters: AbsorbCounters = { beyondAgents: 0, withoutTenant: 0 }
  readonly #scorer: Scorer
  readonly #tenants = new Set<string>()
  /** Newest event time, in milliseconds since 1970. */
  newest = 0

  constructor(scorer: Scorer) {
    this.#scorer = scorer
  }

  /** Counts in who was there, and the rows that are asked for themselves: before all that is summed up. */
  see(slice: readonly Answered[]): void {
    this.#noteTenants(slice)
    const steps: { readonly row: ViewRow; readonly question: Question }[] = []
    for (const { question, answers } of slice)
      for (const line of this.#lines(question, answers)) steps.push({ row: rowOf(question, line), question })
    // As rows come: who was seen last gives the name, and time never goes back.
    for (const { row, question } of steps.sort((a, b) => compareRows(a.row, b.row)))
      this.#seeOne(row, question)
  }

  /** Counts in what one feature remembers. */
  summarise({ feature, slot }: Remembered, { question, answers }: Answered): void {
    const { absorb } = feature.past as Summary<unknown>
    for (const line of this.#lines(question, answers).sort(inOrder)) {
      const agent = this.#scorer.find(text(line.TenantId), text(line.AgentId))
      if (agent === undefined) continue
      agent.slots[slot] ??= feature.create()
      absorb(agent.slots[slot], {
        hour: Number(line.Hour) / HOUR_MS,
        value: text(line.Value),
        total: Number(line.Total ?? 0),
      })
    }
  }

  #noteTenants(slice: readonly Answered[]): void {
    for (const { question, answers } of slice) {
      if (!isTenantKnown(question)) continue
      for (const answer of answers)
        for (const { TenantId } of records(answer)) this.#tenants.add(text(TenantId))
    }
  }

  #seeOne(row: ViewRow, { use }: Question): void {
    const agent = this.#open(row)
    if (use.type !== 'rows' || agent === undefined) return
    // Without an id they can't be told from second deliveries, and each counts.
    const copies = row.Id === undefined ? Number(row.Copies) : 1
    for (let copy = 0; copy < copies; copy++) this.#keep(row, agent, use)
  }

  #keep(row: ViewRow, agent: Agent, { scope, remembered }: Extract<Use, { type: 'rows' }>): void {
    for (const { feature, slot } of remembered) {
      agent.slots[slot] ??= feature.create()
      feature.record(agent.slots[slot], row, hourOf(row.EventTime))
    }
    this.#scorer.accompany(row, scope)
  }

  #open(row: Sighting): Agent | undefined {
    const agent = this.#scorer.open(row)
    this.newest = Math.max(this.newest, row.EventTime)
    if (agent === undefined) this.counters.beyondAgents++
    return agent
  }

  /** The lines of answers, with the tenant where it can be known. */
  #lines(question: Question, answers: readonly Answer[]): Line[] {
    const lines = answers.flatMap(records)
    if (isTenantKnown(question)) return lines
    if (this.#tenants.size === 1) {
      const [TenantId] = this.#tenants
      return lines.map((line) => ({ ...line, TenantId }))
    }
    this.counters.withoutTenant += lines.length
    return []
  }
}

type Line = Readonly<Record<string, unknown>>

function records({ columns, rows }: Answer): Line[] {
  return rows.map((row) => Object.fromEntries(columns.map((name, at) => [name, row[at]])))
}

const known = new Map<string, boolean>()

function isTenantKnown({ view }: Question): boolean {
  return getOrAdd(known, view, () => knowsTenant(views.get(view)!))
}

/** A line as a row of its view, as far as it goes: an empty text is no value. */
function rowOf({ view }: Question, line: Line): ViewRow {
  const values = Object.entries(line).map(([name, value]) => [name, viewValue(value)])
  return {
    ...Object.fromEntries(values),
    View: view,
    TenantId: text(line.TenantId),
    AgentId: text(line.AgentId),
  }
}

function viewValue(value: unknown): ViewValue {
  return value === null || value === '' ? undefined : (value as ViewValue)
}

function text(value: unknown): string {
  return value === null || value === undefined ? '' : String(value)
}

function inOrder(a: Line, b: Line): number {
  return Number(a.Hour) - Number(b.Hour) || byText(text(a.Value), text(b.Value))
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
