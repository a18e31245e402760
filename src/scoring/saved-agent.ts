import type { Agent, Remembered } from './memory.js'

/** An agent as plain data: each thing that is remembered of it, under the name by which it is found again. */
export type SavedAgent = Omit<Agent, 'slots'> & { readonly memory: Readonly<Record<string, unknown>> }

/** An agent as plain data; `remembered` is the scorer's. */
export function savedAgent({ slots, ...agent }: Agent, remembered: readonly Remembered[]): SavedAgent {
  const memory: Record<string, unknown> = {}
  for (const one of remembered) {
    if (slots[one.slot] !== undefined) memory[keyOf(one)] = one.feature.save(slots[one.slot])
  }
  return { ...agent, memory }
}

/** The agent that was saved, without what is not remembered any more. @throws Error if it is no saved agent. */
export function agentOf({ memory, ...agent }: SavedAgent, remembered: readonly Remembered[]): Agent {
  const slots: unknown[] = []
  for (const one of remembered) {
    const saved = memory[keyOf(one)]
    slots[one.slot] = saved === undefined ? undefined : one.feature.load(saved)
  }
  return { ...agent, slots }
}

function keyOf({ scope, feature }: Remembered): string {
  return `${scope.key} ${feature.key}`
}
