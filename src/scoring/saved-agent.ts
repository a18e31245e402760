import { createHash } from 'node:crypto'
import type { Agent, Remembered } from './memory.js'

/** An agent as plain data: each thing that is remembered of it, under the name by which it is found again. */
export interface SavedAgent extends Readonly<Omit<Agent, 'slots' | 'name'>> {
  readonly name?: string
  readonly memory: Readonly<Record<string, unknown>>
}

/** What a thing that is remembered is called in saved agents. */
export type NameOf = (one: Remembered) => string

/** Says it in full, conditions and all: about 130 characters. */
export const fullName: NameOf = ({ scope, feature }) => `${scope.key} ${feature.key}`

const shortNames = new WeakMap<Remembered, string>()

/** The first 16 hex digits of the full name's SHA-256: full names would be half of a saved agent. */
export const shortName: NameOf = (one) => {
  const known = shortNames.get(one)
  if (known !== undefined) return known
  const name = createHash('sha256').update(fullName(one)).digest('hex').slice(0, 16)
  shortNames.set(one, name)
  return name
}

/** An agent as plain data; `remembered` is the scorer's. */
export function savedAgent(
  { slots, name, ...agent }: Agent,
  remembered: readonly Remembered[],
  nameOf: NameOf,
): SavedAgent {
  const memory: Record<string, unknown> = {}
  for (const one of remembered) {
    const saved = slots[one.slot] === undefined ? undefined : one.feature.save(slots[one.slot])
    if (saved !== undefined) memory[nameOf(one)] = saved
  }
  return { ...agent, ...(name === undefined ? {} : { name }), memory }
}

/** The agent that was saved, without what is not remembered any more. @throws Error if it is no saved agent. */
export function agentOf(
  { memory, name, ...agent }: SavedAgent,
  remembered: readonly Remembered[],
  nameOf: NameOf,
): Agent {
  const slots: unknown[] = []
  for (const one of remembered) {
    const saved = memory[nameOf(one)]
    slots[one.slot] = saved === undefined ? undefined : one.feature.load(saved)
  }
  return { ...agent, name, slots }
}
