import { describe, expect, it } from 'vitest'
import type { Alert } from '../../src/alerts/alert.js'
import { type SilenceRules, SilenceWatch } from '../../src/daemon/silence.js'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const TICK = 10 * SECOND

const RULES: SilenceRules = {
  enabled: true,
  floor: 10 * MINUTE,
  learn: DAY,
  categories: {},
  stuck: 2 * MINUTE,
  canaries: [],
}

/** What brings something, how often; `undefined`: nothing. */
interface Traffic {
  readonly every?: number
  readonly category?: string
  readonly partition?: string
  readonly canary?: string
}

/** A daemon that is watched: it reads what its hubs bring, at once unless told otherwise. */
class World {
  watch: SilenceWatch
  readonly alerts: Alert[] = []
  traffic: readonly Traffic[] = []
  connected = true
  /** Messages that wait and are not read. */
  behind = 0
  /** Messages that are read in each tick besides the traffic. */
  backlogRead = 0
  #rules: SilenceRules
  #monotonic = 5_000_000
  #wall = Date.UTC(2026, 9, 20)
  #elapsed = 0
  #scored = 0
  readonly #partitions = new Map<string, number>()
  readonly #categories = new Map<string, number>()
  readonly #canaries = new Map<string, number>()

  constructor(rules: Partial<SilenceRules> = {}) {
    this.#rules = { ...RULES, ...rules }
    this.watch = new SilenceWatch(this.#rules)
    this.look()
  }

  /** Lets time pass, and looks every few seconds. */
  pass(time: number): void {
    for (let done = 0; done < time; done += TICK) {
      this.#monotonic += TICK
      this.#wall += TICK
      this.#elapsed += TICK
      for (const one of this.traffic) if (one.every && this.#elapsed % one.every === 0) this.#arrive(one)
      this.#scored += this.backlogRead
      this.behind = Math.max(0, this.behind - this.backlogRead)
      this.look()
    }
  }

  look(): void {
    const partitions = new Map(
      ['hub/0', 'hub/1'].map((name, index) => [
        name,
        { scored: this.#partitions.get(name) ?? 0, behind: index === 0 ? this.behind : 0 },
      ]),
    )
    const source = { name: 'hub', connected: this.connected, scored: this.#scored, partitions }
    const counts = { categories: this.#categories, canaries: this.#canaries }
    this.alerts.push(
      ...this.watch.observe({ monotonic: this.#monotonic, now: this.#wall, sources: [source], ...counts }),
    )
  }

  /** The clock on the wall is put forward or back. */
  setClock(by: number): void {
    this.#wall += by
  }

  /** The daemon is stopped for a while without knowing: the monotonic clock goes on. */
  freeze(time: number): void {
    this.#monotonic += time
    this.#wall += time
  }

  /** The daemon ends, and another begins after a while with what the first one saved. */
  restart(after: number): void {
    const saved: unknown = JSON.parse(JSON.stringify(this.watch.save()))
    this.watch = new SilenceWatch(this.#rules)
    this.watch.load(saved)
    this.#wall += after
    this.#monotonic = 0
    this.#scored = 0
    for (const counts of [this.#partitions, this.#categories, this.#canaries]) counts.clear()
  }

  get told(): string[] {
    return this.alerts.map(({ detection, entity }) => `${detection} ${Object.values(entity).at(-1)}`)
  }

  #arrive({ category = 'SignInLogs', partition = 'hub/0', canary }: Traffic): void {
    const counts: [Map<string, number>, string | undefined][] = [
      [this.#partitions, partition],
      [this.#categories, category],
      [this.#canaries, canary],
    ]
    for (const [map, key] of counts) if (key !== undefined) map.set(key, (map.get(key) ?? 0) + 1)
    this.#scored++
  }
}

const SIGN_INS: Traffic = { every: MINUTE }
const AUDIT: Traffic = { every: 20 * MINUTE, category: 'AuditLogs', partition: 'hub/1' }

/** Two categories, each in a partition of its own, for two days: enough to learn from. */
function learnt(rules: Partial<SilenceRules> = {}): World {
  const world = new World(rules)
  world.traffic = [SIGN_INS, AUDIT]
  world.pass(2 * DAY)
  expect(world.told).toEqual([])
  return world
}

/** After how long the first alert of a sort is raised. */
function timeUntil(world: World, detection: string, most: number): number | undefined {
  for (let time = 0; time < most; time += TICK) {
    if (world.alerts.some((alert) => alert.detection === detection)) return time
    world.pass(TICK)
  }
  return undefined
}

describe('silence', () => {
  it('of a category is told within twice the longest pause of the past', () => {
    const world = learnt()
    world.traffic = [SIGN_INS]
    const time = timeUntil(world, 'category-silent', DAY)
    expect(time).toBeGreaterThan(20 * MINUTE)
    expect(time).toBeLessThanOrEqual(40 * MINUTE)
    expect(world.alerts.find(({ detection }) => detection === 'category-silent')).toMatchObject({
      severity: 'high',
      entity: { category: 'AuditLogs' },
      expected: { basis: 'the longest pause of the last 2 days was 1200 s' },
      mitre: { techniques: ['T1562.008'] },
    })
  })

  it('of a partition is told too', () => {
    const world = learnt()
    world.traffic = [SIGN_INS]
    world.pass(HOUR)
    expect(world.told).toContain('partition-silent hub/1')
  })

  it('of a whole hub is told once, and not of its partitions and categories', () => {
    const world = learnt({ hub: 5 * MINUTE })
    world.traffic = []
    world.pass(23 * HOUR)
    expect(world.told).toEqual(['hub-silent hub'])
  })

  it('is told again every day while it lasts', () => {
    const world = learnt({ hub: 5 * MINUTE })
    world.traffic = []
    world.pass(2.5 * DAY)
    expect(world.told).toEqual(['hub-silent hub', 'hub-silent hub', 'hub-silent hub'])
  })

  it('is told anew when it begins anew', () => {
    const world = learnt({ hub: 5 * MINUTE })
    for (let time = 0; time < 2; time++) {
      world.traffic = []
      world.pass(HOUR)
      world.traffic = [SIGN_INS, AUDIT]
      world.pass(HOUR)
    }
    expect(world.told).toEqual(['hub-silent hub', 'hub-silent hub'])
  })

  it('is judged by what is set in the configuration, from the start', () => {
    const world = new World({ categories: { AuditLogs: 15 * MINUTE } })
    world.traffic = [SIGN_INS]
    expect(timeUntil(world, 'category-silent', HOUR)).toBe(22.5 * MINUTE)
  })

  it('is not judged before enough is known', () => {
    const world = new World()
    world.traffic = [SIGN_INS]
    world.pass(23 * HOUR)
    world.traffic = []
    world.pass(23 * HOUR)
    expect(world.told).toEqual([])
  })

  it('of what seldom comes is not judged by few arrivals', () => {
    const world = learnt()
    world.traffic = [SIGN_INS, AUDIT, { every: 6 * HOUR, category: 'RiskyUsers' }]
    world.pass(5 * DAY)
    world.traffic = [SIGN_INS, AUDIT]
    world.pass(5 * DAY)
    expect(world.told).toEqual([])
  })

  it('at night and at weekends is learnt, for a week', () => {
    const world = new World()
    const night = 8 * HOUR
    for (let day = 0; day < 8; day++) {
      world.traffic = [SIGN_INS]
      world.pass(DAY - night)
      world.traffic = []
      world.pass(night)
    }
    expect(world.told).toEqual([])
  })

  it('is not told where that is not wanted', () => {
    const world = learnt({ enabled: false, hub: MINUTE })
    world.traffic = []
    world.pass(DAY)
    expect(world.told).toEqual([])
  })
})

describe('a canary', () => {
  const canaries = [{ agent: 'bird', every: 5 * MINUTE }]
  const CANARY: Traffic = { every: 5 * MINUTE, canary: 'bird' }

  it('that misses its beat is told within twice the interval', () => {
    const world = new World({ canaries })
    world.traffic = [SIGN_INS, CANARY]
    world.pass(HOUR)
    expect(world.told).toEqual([])
    world.traffic = [SIGN_INS]
    expect(timeUntil(world, 'canary-missed', HOUR)).toBe(7.5 * MINUTE)
    expect(world.told).toEqual(['canary-missed bird'])
  })

  it('that was never heard is told as well', () => {
    const world = new World({ canaries })
    world.traffic = [SIGN_INS]
    expect(timeUntil(world, 'canary-missed', HOUR)).toBe(7.5 * MINUTE)
  })
})

describe('a hub that is not read', () => {
  it('is told apart from one that is empty: the consumer is stuck', () => {
    const world = learnt({ hub: 5 * MINUTE })
    world.traffic = []
    world.behind = 100
    world.pass(DAY)
    expect(world.told).toEqual(['consumer-stuck hub'])
    expect(world.alerts[0]).toMatchObject({ severity: 'high', observed: 120, expected: { waiting: 100 } })
    expect(world.watch.stuckFor).toBeGreaterThanOrEqual(23 * HOUR)
  })

  it('is told apart from one that cannot be reached', () => {
    const world = learnt({ hub: 5 * MINUTE })
    world.traffic = []
    world.connected = false
    world.pass(DAY)
    expect(world.told).toEqual(['source-unreachable hub'])
  })

  it('is told again when it happens again', () => {
    const world = learnt()
    for (const connected of [false, true, false]) {
      world.connected = connected
      world.traffic = connected ? [SIGN_INS, AUDIT] : []
      world.pass(5 * MINUTE)
    }
    expect(world.told).toEqual(['source-unreachable hub', 'source-unreachable hub'])
  })
})

describe('no false alarm', () => {
  it.each([
    ['the daemon was down for a day', (world: World) => world.restart(DAY)],
    [
      'the daemon was restarted again and again',
      (world: World) => {
        for (let time = 0; time < 20; time++) {
          world.pass(MINUTE)
          world.restart(HOUR)
        }
      },
    ],
    ['the process was frozen for a day', (world: World) => world.freeze(DAY)],
    ['the clock is put forward by an hour', (world: World) => world.setClock(HOUR)],
    ['the clock is put back by an hour', (world: World) => world.setClock(-HOUR)],
    ['the clock is put forward by a day', (world: World) => world.setClock(DAY)],
    ['the clock is put back by a day', (world: World) => world.setClock(-DAY)],
    [
      'the broker was away for a minute',
      (world: World) => {
        world.connected = false
        world.pass(MINUTE)
        world.connected = true
      },
    ],
    [
      'a backlog of one category is read for hours',
      (world: World) => {
        world.traffic = [SIGN_INS]
        world.behind = 5_000_000
        world.backlogRead = 2_000
        world.pass((5_000_000 / 2_000) * TICK)
        world.backlogRead = 0
      },
    ],
  ])('when %s', (_, happens) => {
    const world = learnt()
    happens(world)
    world.traffic = [SIGN_INS, AUDIT]
    world.pass(6 * HOUR)
    expect(world.told).toEqual([])
  })

  it.each([
    ['restart', (world: World) => world.restart(DAY)],
    ['clock that was put back by a day', (world: World) => world.setClock(-DAY)],
    ['clock that was put forward by a day', (world: World) => world.setClock(DAY)],
  ])('but silence is told all the same after a %s', (_, happens) => {
    const world = learnt()
    happens(world)
    world.traffic = [SIGN_INS]
    expect(timeUntil(world, 'category-silent', DAY)).toBeLessThanOrEqual(40 * MINUTE)
  })

  it('goes on without what was saved if it does not fit', () => {
    const watch = new SilenceWatch(RULES)
    for (const saved of [undefined, null, 7, { heartbeats: [['a', { clock: 'x' }]] }]) watch.load(saved)
    expect(watch.save()).toEqual({ heartbeats: [] })
  })
})
