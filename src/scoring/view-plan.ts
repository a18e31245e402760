import type { Detection } from '../detections/detection.js'
import type { ViewRow } from '../views/view.js'
import type { Companion } from './companion.js'
import type { Watch } from './companions.js'
import type { Judge } from './kind.js'
import type { Agent, Remembered, Scope, Stores } from './memory.js'

/** A detection bound to its memory. */
export interface BoundDetection {
  readonly detection: Detection
  readonly scope: Scope
  readonly judge: Judge
}

/** A detection whose findings wait for companions among the rows of a scope. */
export interface BoundWatch extends Watch {
  readonly detection: Detection
}

/** What is done with the rows that one scope lets through: asked once a row, however many detections share it. */
export interface ScopePlan {
  readonly key: string
  readonly holds: Scope['holds']
  readonly remembered: readonly Remembered[]
  readonly detections: readonly BoundDetection[]
  readonly watches: readonly BoundWatch[]
}

/** What happens to the rows of one view: first they are remembered, then judged. */
export interface ViewPlan {
  readonly scopes: readonly ScopePlan[]
  readonly stateless: readonly BoundDetection[]
}

/**
 * The rows a detection sees; detections of one view with equal conditions share one scope, and so their memory.
 * The view is part of the key, by which saved state is found again.
 */
export function scopeOf({ view: { name }, where }: Pick<Companion, 'view' | 'where'>, stores: Stores): Scope {
  const scope = { view: name, where, having: [] }
  if (!where) return { ...scope, key: `${name} all`, holds: () => true }
  return { ...scope, key: `${name} ${JSON.stringify(where)}`, holds: stores.holds(where) }
}

/** What is done with the rows of each view that a detection looks at or something is remembered of. */
export function plansOf(
  remembered: readonly Remembered[],
  detections: readonly BoundDetection[],
  watches: readonly BoundWatch[],
): Map<string, ViewPlan> {
  const scopes = [...detections, ...watches, ...remembered].map(({ scope }) => scope)
  const names = new Set(scopes.map(({ view }) => view))
  return new Map(Array.from(names, (name) => [name, planOf(name, remembered, detections, watches)]))
}

function planOf(
  name: string,
  remembered: readonly Remembered[],
  detections: readonly BoundDetection[],
  watches: readonly BoundWatch[],
): ViewPlan {
  const ofView = ({ scope }: { readonly scope: Scope }) => scope.view === name
  const own = detections.filter(ofView)
  return {
    scopes: scopesOf(remembered.filter(ofView), own, watches.filter(ofView)),
    stateless: own.filter(({ detection }) => detection.kind.stateless),
  }
}

/** Counts a row into what is remembered of its agent. */
export function remember(remembered: readonly Remembered[], row: ViewRow, hour: number, agent: Agent): void {
  for (const { feature, slot } of remembered) {
    if (feature.next) {
      agent.slots[slot] = feature.next(agent.slots[slot], row, hour, agent)
      continue
    }
    if (feature.counts && !feature.counts(row)) continue
    agent.slots[slot] ??= feature.create()
    feature.record(agent.slots[slot], row, hour)
  }
}

/** What is made of the state before a row comes first. */
function byNeed(a: Remembered, b: Remembered): number {
  return Number(b.feature.next !== undefined) - Number(a.feature.next !== undefined)
}

/**
 * Puts together what belongs to equal scopes. Narrower scopes come first: what a detection remembers of part of
 * its rows must be up to date when it judges.
 */
function scopesOf(
  remembered: readonly Remembered[],
  detections: readonly BoundDetection[],
  watches: readonly BoundWatch[],
): ScopePlan[] {
  const scopes = new Map<string, Scope>()
  for (const { scope } of [...remembered, ...detections, ...watches]) scopes.set(scope.key, scope)
  const plans = [...scopes.values()].map((scope) => ({
    key: scope.key,
    holds: scope.holds,
    remembered: remembered.filter((one) => one.scope.key === scope.key).sort(byNeed),
    detections: detections.filter((one) => one.scope.key === scope.key),
    watches: watches.filter((one) => one.scope.key === scope.key),
  }))
  return plans.sort((a, b) => Number(a.detections.length > 0) - Number(b.detections.length > 0))
}
