import { AgentSelector, type Inventory, type Population } from '../agents/inventory.js'
import { increment } from '../collections.js'
import type { ViewRow } from '../views/view.js'

/** How often canaries were heard: rows by agent id, in lower case. */
export class CanaryCounts {
  readonly counts = new Map<string, number>()
  #canaries: ReadonlySet<string> = new Set()

  /** Says which agents are canaries. */
  watch(agents: readonly string[]): void {
    this.#canaries = new Set(agents)
  }

  /** A selector that also counts the rows of canaries, whether or not they are an agent's. */
  selector(population: Population, inventory: Inventory): AgentSelector {
    return new CountingSelector(population, inventory, (row) => {
      if (this.#canaries.has(row.AgentId)) increment(this.counts, row.AgentId)
    })
  }
}

class CountingSelector extends AgentSelector {
  readonly #count: (row: ViewRow) => void

  constructor(population: Population, inventory: Inventory, count: (row: ViewRow) => void) {
    super(population, inventory)
    this.#count = count
  }

  override select(row: ViewRow): ViewRow | undefined {
    this.#count(row)
    return super.select(row)
  }
}
