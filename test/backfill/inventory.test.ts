import { expect, it } from 'vitest'
import { Inventory } from '../../src/agents/inventory.js'
import { loadDetections, PACK } from '../../src/detections/load.js'
import { NOW } from '../support/now.js'
import { evaluated, knowable, memoryOf, PERIOD, recordsOf, replayed, sourceOf, TO } from './support.js'

/** What looks at the inventory, and what has companions in the audit log, which names an agent by its application. */
const ASKED = [
  'unregistered-agent-active',
  'ownerless-agent-active',
  'new-credential-used',
  'unusual-resource',
]
const source = sourceOf(recordsOf(PERIOD))
const detections = (await loadDetections(PACK)).filter(({ id }) => ASKED.includes(id))

/** Every second agent of the logs, some without an owner; names that would end a literal. */
async function inventory(): Promise<Inventory> {
  const { stream } = await replayed(source, detections)
  const ids = Array.from(stream.scorer.agents(), ({ id }) => id).sort()
  const listed = ids.filter((_, at) => at % 2 === 0)
  return new Inventory(
    listed.map((id, at) => ({
      id: id.toUpperCase(),
      app_id: `app-${id}`,
      name: `"; SigninLogs // ${at} \\ \n`,
      status: 'active',
      ...(at % 2 === 0 ? { owner: 'owner@contoso.com' } : {}),
    })),
  )
}

it.each([
  ['inventory', 3],
  ['workloads', 6],
  ['agentic', 0],
] as const)(
  'with an inventory and identities %s, a backfill leaves what a replay leaves',
  async (population, least) => {
    const whose = { population, inventory: await inventory() }
    const backfill = await evaluated(source, { detections, period: PERIOD, ...whose }, NOW)
    const replay = await replayed(source, detections, whose)
    const wanted = knowable(memoryOf(replay.stream.scorer), TO)
    expect(knowable(memoryOf(backfill.stream.scorer), TO)).toEqual(wanted)
    expect(Object.keys(wanted).length).toBeGreaterThanOrEqual(least)
  },
)
