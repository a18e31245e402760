import { type Agent, signsInWithUser } from './agent.js'
import type { Operation } from './catalog/graph.js'
import type { Address } from './catalog/networks.js'
import { graph, type Resource } from './catalog/resources.js'
import { callGraph, type Stage, signIn, type Token } from './emit.js'
import { dayOf, type Run } from './habits.js'
import { Random } from './random.js'
import type { Person } from './records/index.js'
import { DAY, HOUR, MINUTE, SECOND } from './time.js'
import type { World } from './world.js'

/** What an agent did so far, so that an attack can be sized by it. */
export interface Usual {
  /** Hours with at least one sign-in or call. */
  hours: number
  signIns: number
  /** Hours with Graph calls, and the bytes they returned. */
  graphHours: number
  bytes: number
}

/** Time in which an agent does nothing, half-open, epoch ms. */
export interface Silence {
  readonly from: number
  readonly to: number
}

/** The agent's work on the calendar day of its zone that starts at `midnight` UTC, in no order. */
export function plannedRuns(world: World, agent: Agent, midnight: number): Run[] {
  const random = new Random(world.seed, 'agent', agent.index, 'plan', midnight)
  return agent.work(dayOf(midnight, agent.zone, world.holidays), random)
}

/** An agent at work: its plan for the days ahead and its token cache. */
export class Traffic {
  readonly usual: Usual = { hours: 0, signIns: 0, graphHours: 0, bytes: 0 }
  private plan: Run[] = []
  private random: Random
  private readonly tokens = new Map<string, Token>()

  constructor(
    private readonly stage: Stage,
    readonly agent: Agent,
    private readonly silence: Silence | undefined,
  ) {
    this.random = this.stream(stage.world.start)
    // Zones east and west of UTC reach into the first day from the days around it.
    for (const day of [-1, 0]) this.planDay(stage.world.start + day * DAY)
  }

  /** Runs everything due in the hour that starts at `from`. */
  hour(from: number): void {
    const { start } = this.stage.world
    if ((from - start) % DAY === 0) this.newDay(from)
    const { signIns, bytes } = this.usual
    const due = this.plan.findIndex((run) => run.time >= from + HOUR)
    for (const run of this.plan.splice(0, due < 0 ? this.plan.length : due)) {
      if (run.time >= from && this.isAwake(run.time)) this.run(run)
    }
    if (this.usual.signIns > signIns || this.usual.bytes > bytes) this.usual.hours++
    if (this.usual.bytes > bytes) this.usual.graphHours++
  }

  private newDay(midnight: number): void {
    this.random = this.stream(midnight)
    this.planDay(midnight + DAY)
  }

  /** Each day has its own stream, so that a silence does not change the days after it. */
  private stream(midnight: number): Random {
    return new Random(this.stage.world.seed, 'agent', this.agent.index, 'traffic', midnight)
  }

  private planDay(midnight: number): void {
    this.plan.push(...plannedRuns(this.stage.world, this.agent, midnight))
    this.plan.sort((a, b) => a.time - b.time)
  }

  private isAwake(time: number): boolean {
    const { silence, agent } = this
    const silent = silence !== undefined && time >= silence.from && time < silence.to
    return !silent && time >= agent.from && time < agent.to
  }

  private run(run: Run): void {
    const { agent, random } = this
    if (run.cold || !agent.cachesTokens) this.tokens.clear()
    const user = random.pick(agent.users)
    let time = run.time
    for (const [resource, share] of this.resourcesAt(run.time)) {
      if (!random.chance(share)) continue
      const token = this.token(resource, time, user)
      if (!token) return
      time += random.between(0.2, 3) * SECOND
      if (resource === graph && agent.operations.length > 0) this.calls(token, time, run.load)
    }
  }

  private resourcesAt(time: number): readonly (readonly [Resource, number])[] {
    const { deployment, resources } = this.agent
    return deployment?.resource && time >= deployment.time
      ? [...resources, [deployment.resource, 0.8]]
      : resources
  }

  private operationsAt(time: number): readonly (readonly [Operation, number])[] {
    const { deployment, operations } = this.agent
    return deployment?.operation && time >= deployment.time
      ? [...operations, [deployment.operation, 0.4]]
      : operations
  }

  /** The cached token, or a new one; undefined when the sign-in fails for good. */
  private token(resource: Resource, time: number, user: Person): Token | undefined {
    const name = signsInWithUser(this.agent) ? `${resource.appId}/${user.id}` : resource.appId
    const cached = this.tokens.get(name)
    if (cached && cached.expires > time) return cached
    const { address, succeedsAt } = this.attempts(resource, time, user)
    if (succeedsAt === undefined) return undefined
    const token = signIn(this.stage, this.agent, { time: succeedsAt, resource, address, user }, this.random)
    this.usual.signIns++
    this.tokens.set(name, token)
    return token
  }

  /** Failed attempts before the one that succeeds, if one does: expired secrets, passing faults, retry storms. */
  private attempts(
    resource: Resource,
    time: number,
    user: Person,
  ): { address: Address; succeedsAt: number | undefined } {
    const { random, agent } = this
    const address = random.weighted(agent.addresses)
    const expired = agent.expired && time >= agent.expired.from && time < agent.expired.to
    const storm = random.chance(0.0006) ? random.integer(5, 25) : random.chance(0.005) ? 1 : 0
    const failures = expired ? random.integer(1, 3) : storm
    const errorCode = expired ? 7000222 : random.pick([90033, 90033, 50196, 50034])
    let at = time
    for (let i = 0; i < failures; i++) {
      signIn(this.stage, agent, { time: at, resource, address, user, errorCode }, random)
      this.usual.signIns++
      at += random.between(2, 25) * SECOND
    }
    return { address, succeedsAt: expired ? undefined : at }
  }

  private calls(token: Token, from: number, load: number): void {
    const { random, agent } = this
    const count = Math.min(400, Math.round(random.logNormal(agent.calls * load, 0.8)))
    const operations = this.operationsAt(from)
    let time = from
    for (let i = 0; i < count && time < token.expires; i++) {
      this.call(token, time, random.weighted(operations))
      time += random.exponential(count > 60 ? 2 * SECOND : 6 * SECOND)
    }
  }

  /** One call; a throttled one is tried again. */
  private call(token: Token, time: number, operation: Operation): void {
    const { random, agent } = this
    const status = random.chance(0.985)
      ? successOf(operation)
      : random.pick([404, 404, 403, 400, 429, 500, 503, 504])
    const bytes = status < 300 ? responseSize(operation, agent.appetite, random) : random.integer(180, 420)
    callGraph(this.stage, agent, token, { time, operation, status, bytes }, random)
    this.usual.bytes += bytes
    if (status === 429) this.call(token, time + random.between(0.2, 2) * MINUTE, operation)
  }
}

export function successOf(operation: Operation): number {
  if (operation.method === 'GET') return 200
  return operation.method === 'POST' ? (operation.bytes === 0 ? 202 : 201) : 204
}

/** Bytes of a response: heavy-tailed, and zero where Graph streams the body and does not count it. */
export function responseSize(operation: Operation, appetite: number, random: Random): number {
  if (operation.bytes === 0 || random.chance(0.03)) return 0
  return Math.floor(Math.min(20e6, random.logNormal(operation.bytes * appetite, 0.8)))
}
