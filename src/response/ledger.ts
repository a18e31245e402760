import { createReadStream } from 'node:fs'
import { mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { safeJson } from '../sinks/line.js'

/**
 * What became of an alert. `begun` stands before the call, so that no act is without a line; a `begun` that nothing
 * follows is an act of which a crash has left open whether it was done.
 */
const OUTCOMES = ['begun', 'done', 'failed', 'dry-run', 'refused'] as const

export type Outcome = (typeof OUTCOMES)[number]

/** A line of the audit file. */
export interface Entry {
  /** ISO 8601, UTC. */
  readonly at: string
  /** Id of the alert. */
  readonly alert: string
  readonly outcome: Outcome
  readonly agentId: string
  readonly action: string
  /** Anything else that is worth knowing later. */
  readonly [field: string]: unknown
}

const HOUR = 3_600_000

const lineSchema = z.object({
  at: z.iso.datetime(),
  alert: z.string(),
  outcome: z.enum(OUTCOMES),
  agentId: z.string(),
  action: z.string(),
})

/**
 * The audit file: NDJSON that is only ever added to, and all that is remembered from one run to the next. Lines that a
 * crash has broken off are passed over.
 */
export class Ledger {
  readonly #path: string
  /** How long a decision is remembered, in milliseconds. */
  readonly #memory: number
  /** When each alert was decided on. */
  readonly #decided = new Map<string, number>()
  /** When each act, also one of a dry run, began. */
  readonly #acts = new Map<string, number>()
  /** When each action was done about each agent last. */
  readonly #done = new Map<string, number>()
  #loaded = false
  #torn = false

  constructor(path: string, memory: number) {
    this.#path = path
    this.#memory = Math.max(memory, HOUR)
  }

  /** Reads what earlier runs have left, once. @throws Error if the file can't be read or made */
  async load(now: number): Promise<void> {
    if (this.#loaded) return
    await mkdir(dirname(this.#path), { recursive: true })
    const file = await open(this.#path, 'a+', 0o600)
    try {
      const { size } = await file.stat()
      const last = size === 0 ? '\n' : (await file.read(Buffer.alloc(1), 0, 1, size - 1)).buffer.toString()
      this.#torn = last !== '\n'
    } finally {
      await file.close()
    }
    for await (const line of createInterface({ input: createReadStream(this.#path) })) this.#take(line, now)
    this.#loaded = true
  }

  /** Whether an alert was decided on already. */
  knows(alert: string): boolean {
    return this.#decided.has(alert)
  }

  /** Alerts that were acted on in the hour before `now`, but for this one. */
  acts(now: number, but: string): number {
    return [...this.#acts].filter(([alert, at]) => alert !== but && at > now - HOUR).length
  }

  /** Whether an action was done about an agent in the hour before `now`. */
  did(action: string, agentId: string, now: number): boolean {
    const at = this.#done.get(subjectOf({ action, agentId }))
    return at !== undefined && at > now - HOUR
  }

  /** Adds a line and forces it to disk. @throws Error if that is not possible; the line may then be there in part. */
  async add(entry: Entry): Promise<void> {
    const file = await open(this.#path, 'a', 0o600)
    try {
      const begin = this.#torn ? '\n' : ''
      this.#torn = true
      await file.appendFile(`${begin}${safeJson(entry)}\n`)
      await file.datasync()
      this.#torn = false
    } finally {
      await file.close()
    }
    this.#note(entry, Date.parse(entry.at))
    this.#forget(Date.parse(entry.at))
  }

  #take(line: string, now: number): void {
    const { data } = lineSchema.safeParse(jsonOf(line))
    if (data && Date.parse(data.at) > now - this.#memory) this.#note(data, Date.parse(data.at))
  }

  #note(entry: z.output<typeof lineSchema>, at: number): void {
    const { alert, outcome } = entry
    if (outcome !== 'begun') this.#decided.set(alert, at)
    if (outcome === 'begun' || outcome === 'dry-run') this.#acts.set(alert, at)
    if (outcome === 'done' || outcome === 'dry-run') this.#done.set(subjectOf(entry), at)
  }

  /** Memory stays bounded: older alerts are refused for their age. */
  #forget(now: number): void {
    for (const known of [this.#decided, this.#acts, this.#done])
      for (const [alert, at] of known) if (at <= now - this.#memory) known.delete(alert)
  }
}

function subjectOf({ action, agentId }: { readonly action: string; readonly agentId: string }): string {
  return `${action} ${agentId.toLowerCase()}`
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
