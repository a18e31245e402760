import type { Agent } from '../agent.js'
import type { Address } from '../catalog/networks.js'
import type { Stage } from '../emit.js'
import type { Random } from '../random.js'
import type { Silence, Usual } from '../traffic.js'
import type { World } from '../world.js'

/** Where an attack may lie: `around` is its place among the others, `earliest` to `latest` the bounds, epoch ms. */
export interface Slot {
  readonly earliest: number
  readonly latest: number
  readonly around: number
}

/** When it happens; both ends belong to it. */
export interface Plan {
  readonly from: number
  readonly to: number
  /** The agent rests before: only for attacks that wake it. */
  readonly silence?: Silence
  /** From where, if that is planned with it. */
  readonly address?: Address
  /** The agent that does it to another; a person does where there is none. */
  readonly by?: Agent
}

/** An attack under way: everything it writes lies within `from` and `to`. */
export interface Scene extends Plan {
  readonly stage: Stage
  readonly agent: Agent
  readonly usual: Usual
  readonly random: Random
}

/** One kind of attack. To add one, add an entry to a table of this folder. */
export interface Attack {
  readonly name: string
  /** Whether it can happen to the agent at all. */
  can(agent: Agent): boolean
  /** Whether the agent is a good victim: what it does has to be known well enough for the attack to stand out. */
  suits(agent: Agent, world: World): boolean
  plan(agent: Agent, slot: Slot, random: Random, world: World): Plan
  act(scene: Scene): void
}
