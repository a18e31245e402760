/** Arbitrary small logs, aimed at the edges of the kinds' definitions, and the order in which they arrive. */
import fc from 'fast-check'
import type { ViewRow } from '../../src/views/view.js'
import { agentChange, graphCall, HOUR_MS, hourAt, type RowPart, signIn } from '../support/rows.js'

/** Hours around which logs lie: where days and weeks begin and end, and one in the middle. */
const CENTRES = ['2026-11-16T00', '2026-11-20T23', '2026-11-21T00', '2026-11-22T23', '2026-11-18T12'].map(
  hourAt,
)

/** Edges of the window, of `learn` and `gap`, of days. */
const EDGES = [-313, -312, -311, -169, -168, -167, -49, -48, -47, -25, -24, -23, -2, -1, 0, 0, 0, 1]

const AGENTS = ['agent-1', 'agent-1', 'agent-1', 'agent-1', 'agent-2', 'agent-3']
const RESOURCES = ['mail', 'mail', 'Mail', 'files', '', undefined]
const BYTES = [undefined, 0, 1, 1, 2, 5, 10, 10, 20, 100]

/** The application of an agent, which the audit log sometimes names beside an object id of its own. */
const applicationOf = (agent: string) => `00000000-0000-4000-8000-00000000000${agent.at(-1)}`

const aCall: typeof graphCall = (part) => graphCall({ ...part, AppId: applicationOf(part.agent!) })
const aSignIn: typeof graphCall = (part) => signIn({ ...part, AppId: applicationOf(part.agent!) })

/** A change of an agent. Who made it is compared with a resource, and it succeeded if a call would have. */
function aChange(part: RowPart): ViewRow {
  const { agent = '', ResponseStatusCode: code } = part
  const named = part.minute === 30 ? `application-of-${agent}` : agent
  return agentChange({
    ...part,
    agent: named,
    AppId: part.minute === 1 ? null : applicationOf(agent),
    ActorName: part.GraphResource || null,
    Result: code === 200 ? 'success' : 'failure',
  })
}

interface Block {
  /** The columns of the row. */
  readonly part: Omit<RowPart, 'hour' | 'id'>
  readonly view: typeof graphCall
  /** Hours after the centre of the log, between the row and the next, and how many there are. */
  readonly offset: number
  readonly step: number
  readonly times: number
  /** Minutes until the first arrives, and from then until it arrives once more. */
  readonly delay: number
  readonly again: number | undefined
  /** Whether the event has an id. */
  readonly named: boolean
}

const aPart = fc.record({
  agent: fc.constantFrom(...AGENTS),
  tenant: fc.constantFrom(...Array<string>(6).fill('tenant-1'), 'tenant-2'),
  minute: fc.constantFrom(0, 0, 1, 30, 59),
  GraphResource: fc.constantFrom(...RESOURCES),
  ResponseSizeBytes: fc.constantFrom(...BYTES),
  ResponseStatusCode: fc.constantFrom(200, 200, 200, 403, undefined),
})

/** A row, or the same row again and again every so many hours. */
const aBlock: fc.Arbitrary<Block> = fc.record({
  part: aPart,
  view: fc.constantFrom(...Array<typeof graphCall>(6).fill(aCall), aSignIn, aChange, aChange),
  offset: fc.oneof(fc.constantFrom(...EDGES), fc.integer({ min: -330, max: 150 })),
  step: fc.constantFrom(0, 0, 0, 1, 12, 23, 24, 24, 25, 48, 168),
  times: fc.oneof(
    { weight: 2, arbitrary: fc.constant(1) },
    { weight: 2, arbitrary: fc.integer({ min: 2, max: 14 }) },
  ),
  delay: fc.constantFrom(0, 0, 1, 59, 180, 359, 360),
  again: fc.constantFrom(undefined, undefined, undefined, 0, 5, 360, 1_200),
  named: fc.boolean(),
})

/** An agent of which enough is known: without one in many logs most kinds would hardly ever alert. */
const aHistory: fc.Arbitrary<Block> = fc
  .record({
    block: aBlock,
    offset: fc.constantFrom(-312, -311, -300, -192, -168),
    step: fc.constantFrom(1, 12, 23, 24, 24),
    times: fc.integer({ min: 8, max: 14 }),
  })
  .map(({ block: { part, ...block }, ...steps }) => ({
    ...block,
    ...steps,
    part: { ...part, agent: 'agent-1', tenant: 'tenant-1' },
    view: graphCall,
  }))

/** A row with the minutes after its event time at which it arrives. */
interface Arrival {
  readonly row: ViewRow
  readonly delay: number
}

/** Ids of neighbouring events differ only by case; a few events have none and come only once. */
function idOf(index: number): string {
  const number = `event-${Math.floor(index / 2)}`
  return index % 2 === 0 ? number : number.toUpperCase()
}

function arrivals(centre: number, blocks: readonly Block[]): Arrival[] {
  let events = 0
  return blocks.flatMap(({ view, offset, step, times, delay, again, named, part }) =>
    Array.from({ length: times }, (_, index): Arrival[] => {
      const row = view({ ...part, hour: centre + offset + index * step, id: named ? idOf(events++) : null })
      const first = { row, delay: (delay + index * 77) % 361 }
      return named && again !== undefined ? [first, { row: { ...row }, delay: first.delay + again }] : [first]
    }).flat(),
  )
}

/** Rows in the order of their arrival: at most 6 hours late, second deliveries up to a day. */
export const aLog: fc.Arbitrary<ViewRow[]> = fc
  .tuple(
    fc.constantFrom(...CENTRES),
    fc.array(aBlock, { minLength: 3, maxLength: 14 }),
    fc.array(aHistory, { maxLength: 1 }),
  )
  .map(([centre, blocks, history]) => {
    const inOrder = arrivals(centre, [...history, ...blocks]).sort((a, b) => arrival(a) - arrival(b))
    return inOrder.map(({ row }) => row)
  })

function arrival({ row, delay }: Arrival): number {
  return row.EventTime + (delay * HOUR_MS) / 60
}
