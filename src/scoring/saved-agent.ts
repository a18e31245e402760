import { createHash } from 'node:crypto'
import type { Agent, Remembered } from './memory.js'

/**
 * An agent as plain data. `memory` is the name of each thing that is remembered of it, by which it is found again, and
 * after each name what is known: as one list, which is written and read faster than a record with keys.
 */
export interface SavedAgent extends Readonly<Omit<Agent, 'slots' | 'name' | 'first' | 'rows'>> {
  readonly name?: string
  /** Missing in what older versions saved. */
  readonly first?: number
  readonly rows?: number
  readonly memory: readonly unknown[]
}

/** What a thing that is remembered is called in saved agents. */
export type NameOf = (one: Remembered) => string

/** Says it in full, conditions and all: about 130 characters. */
export const fullName: NameOf = ({ scope, feature }) => `${scope.key} ${feature.key}`

const shortNames = new WeakMap<Remembered, string>()

/** The first 48 bits of the full name's SHA-256, in 8 characters: full names would be most of a saved agent. */
export const shortName: NameOf = (one) => {
  const known = shortNames.get(one)
  if (known !== undefined) return known
  const name = createHash('sha256').update(fullName(one)).digest('base64url').slice(0, 8)
  shortNames.set(one, name)
  return name
}

/** An agent as plain data; `remembered` is the scorer's. */
export function savedAgent(agent: Agent, remembered: readonly Remembered[], nameOf: NameOf): SavedAgent {
  const { tenantId, id, name, first, newest, rows, slots } = agent
  const memory: unknown[] = []
  for (const one of remembered) {
    const saved = slots[one.slot] === undefined ? undefined : one.feature.save(slots[one.slot], agent)
    if (saved !== undefined) memory.push(nameOf(one), saved)
  }
  return { tenantId, id, ...(name === undefined ? {} : { name }), first, newest, rows, memory }
}

/** The agent that was saved, without what is not remembered any more. @throws Error if it is no saved agent. */
export function agentOf(saved: SavedAgent, remembered: readonly Remembered[], nameOf: NameOf): Agent {
  const { tenantId, id, name, newest, first = newest, rows = 0, memory } = saved
  const slots = new Array<unknown>(remembered.length).fill(undefined)
  const byName = namesOf(remembered, nameOf)
  for (let at = 0; at < memory.length; at += 2) {
    const one = byName.get(memory[at] as string)
    if (one) slots[one.slot] = one.feature.load(memory[at + 1])
  }
  return { tenantId, id, name, first, newest, rows, slots }
}

const byNames = new WeakMap<NameOf, WeakMap<readonly Remembered[], Map<string, Remembered>>>()

/** Made once for a list, as there is one for all agents. */
function namesOf(remembered: readonly Remembered[], nameOf: NameOf): Map<string, Remembered> {
  const ofLists = byNames.get(nameOf) ?? new WeakMap()
  byNames.set(nameOf, ofLists)
  const known = ofLists.get(remembered)
  if (known) return known
  const made = new Map(remembered.map((one) => [nameOf(one), one]))
  ofLists.set(remembered, made)
  return made
}
