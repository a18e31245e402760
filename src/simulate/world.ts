import type { Agent } from './agent.js'
import { mailName, personName } from './catalog/names.js'
import { type Address, accessNetworks, addressIn } from './catalog/networks.js'
import { createAgent } from './createAgent.js'
import { Random } from './random.js'
import type { Person, Principal } from './records/index.js'
import { DAY, isWeekend } from './time.js'

/** Somebody who works here, and where from. */
export interface Employee extends Person {
  readonly address: Address
}

/** The tenant in which it all happens: fixed by the options. */
export interface World {
  readonly seed: number
  readonly start: number
  /** Exclusive. */
  readonly end: number
  readonly tenantId: string
  readonly domain: string
  readonly people: readonly Employee[]
  /** The people whose data agents read: the same however many agents there are. */
  readonly subjects: readonly Employee[]
  readonly admins: readonly Employee[]
  readonly holidays: ReadonlySet<number>
  /** The service principal of Microsoft Graph in this tenant. */
  readonly graph: Principal
  readonly agents: readonly Agent[]
}

const leastPeople = 40

function employee(seed: number, index: number, domain: string): Employee {
  const random = new Random(seed, 'person', index)
  const name = personName(random)
  return {
    id: random.guid(),
    name,
    upn: `${mailName(name)}${index}@${domain}`,
    address: addressIn(random.pick(accessNetworks), random),
  }
}

/** About one working day in twenty-five; the same dates whatever the number of days. */
function holidaysOf(seed: number, start: number, days: number): Set<number> {
  const midnights = Array.from({ length: days + 3 }, (_, i) => start + (i - 1) * DAY)
  return new Set(midnights.filter((m) => !isWeekend(m) && new Random(seed, 'holiday', m).chance(0.04)))
}

export function createWorld(options: { agents: number; days: number; seed: number; start: number }): World {
  const { seed, start, days } = options
  const random = new Random(seed, 'tenant')
  const domain = `${random.pick(['fabrikam', 'northwind', 'tailspin', 'wingtip'])}.example`
  const count = Math.max(leastPeople, Math.ceil(options.agents / 2))
  const people = Array.from({ length: count }, (_, index) => employee(seed, index, domain))
  const world = {
    seed,
    start,
    end: start + days * DAY,
    tenantId: random.guid(),
    domain,
    people,
    subjects: people.slice(0, leastPeople),
    admins: people.slice(0, 3),
    holidays: holidaysOf(seed, start, days),
    graph: { id: random.guid(), appId: '00000003-0000-0000-c000-000000000000', name: 'Microsoft Graph' },
  }
  const bare: World = { ...world, agents: [] }
  return { ...world, agents: Array.from({ length: options.agents }, (_, index) => createAgent(index, bare)) }
}
