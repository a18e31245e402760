import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Agent, Memory, MemoryPlan, type Remembered, Stores } from '../../src/scoring/memory.js'
import type { ViewRow } from '../../src/views/view.js'
import { signIn } from '../support/rows.js'

const HOUR = 495_000
const LIMITS = { maxValues: 10, maxTexts: 100 }

/** Two things that are remembered: the hours of all rows, and those of the rows that have a country. */
function remembering() {
  const stores = new Stores(LIMITS)
  let slots = 0
  const plan = new MemoryPlan(stores, () => slots++)
  const memory = new Memory(plan, {
    ...{ view: 'SignIns', key: 'SignIns all', where: undefined, having: [] },
    holds: () => true,
  })
  const all = memory.hours()
  const having = memory.having('Location').hours()
  const [first, second] = plan.remembered.toSorted((a) => (a.feature.next ? -1 : 1))
  const agent: Agent = {
    tenantId: 't',
    id: 'a',
    name: undefined,
    first: 0,
    newest: 0,
    rows: 0,
    slots: [undefined, undefined],
  }
  const add = (row: ViewRow, hour: number) => {
    agent.slots[first!.slot] = first!.feature.next!(agent.slots[first!.slot], row, hour, agent)
    agent.slots[second!.slot] ??= second!.feature.create()
    second!.feature.record(agent.slots[second!.slot], row, hour)
  }
  const hoursOf = (set: number) => stores.hours.list(set, HOUR - 400, HOUR + 400)
  const kept: Remembered = first!
  return { add, agent, kept, all: () => hoursOf(all(agent)), having: () => hoursOf(having(agent)) }
}

const row = (country: string | undefined) => signIn({ hour: HOUR, Location: country })

const rows = fc.array(
  fc.record({
    country: fc.constantFrom('SE', 'SE', 'NO', '', undefined),
    hour: fc.integer({ min: -40, max: 40 }),
  }),
  { maxLength: 30 },
)

describe('the hours of rows that have a value', () => {
  it('are those of a set that gets these rows only', () => {
    fc.assert(
      fc.property(rows, (all) => {
        const memory = remembering()
        const having = new Set<number>()
        for (const { country, hour } of all) {
          memory.add(row(country), HOUR + hour)
          if (country) having.add(HOUR + hour)
        }
        expect(memory.having()).toEqual([...having].sort())
        expect(memory.all()).toEqual([...new Set(all.map(({ hour }) => HOUR + hour))].sort())
      }),
    )
  })

  it.each<[string, (string | undefined)[], boolean]>([
    ['are shared while each row has one', ['SE', 'NO', 'SE'], true],
    ['are their own once a row has none', ['SE', undefined, 'SE'], false],
    ['are their own if the first row had none', [undefined, 'SE', 'SE'], false],
  ])('%s', (_, countries, shared) => {
    const memory = remembering()
    for (const [hour, country] of countries.entries()) memory.add(row(country), HOUR + hour)
    const { agent, kept } = memory
    const saved = kept.feature.save(agent.slots[kept.slot], agent)
    expect(saved === '=').toBe(shared)
    expect(kept.feature.save(kept.feature.load(saved), agent)).toBe(saved)
  })

  it('are saved as those of all rows once they are the same again', () => {
    const memory = remembering()
    for (const country of ['SE', undefined, 'SE']) memory.add(row(country), HOUR)
    memory.add(row(undefined), HOUR + 1)
    memory.add(row('SE'), HOUR + 1)
    expect(memory.kept.feature.save(memory.agent.slots[memory.kept.slot], memory.agent)).toBe('=')
  })
})
