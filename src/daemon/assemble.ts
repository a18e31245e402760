import { join } from 'node:path'
import { Inventory, type Population } from '../agents/inventory.js'
import { loadInventory } from '../agents/load.js'
import type { Suppression } from '../alerts/suppression.js'
import type { Config } from '../config/load.js'
import { loadSuppressions } from '../config/suppressions.js'
import type { Detection } from '../detections/detection.js'
import { loadDetections } from '../detections/load.js'
import { StateStore } from '../state/store.js'
import { DeadLetterFile } from './dead-letter-file.js'
import type { EngineOptions } from './engine.js'
import type { SilenceRules } from './silence.js'

/** What the files say that the configuration names: read anew at each reload. */
export interface Content {
  readonly detections: readonly Detection[]
  readonly inventory: Inventory
  readonly population: Population
  /** Those of the configuration, and those of its file of exceptions. */
  readonly suppressions: readonly Suppression[]
}

/**
 * Reads detections with their overrides, the inventory, and exceptions.
 * @throws ProblemsError with every problem of the first of these files that is wrong; Error if a sink names a detection
 * that there is not
 */
export async function loadContent({
  detections,
  overrides,
  inventory,
  identities,
  suppressions,
  exceptions,
  sinks,
}: Config): Promise<Content> {
  const listed = inventory === undefined ? undefined : await loadInventory(inventory)
  const loaded = await loadDetections(detections, overrides)
  checkNamed(sinks, loaded)
  return {
    detections: loaded,
    inventory: listed ?? new Inventory([]),
    population: identities ?? (listed ? 'inventory' : 'workloads'),
    suppressions: [...suppressions, ...(exceptions === undefined ? [] : await loadSuppressions(exceptions))],
  }
}

/** @throws Error if a sink waits for a detection that there is not: it would wait for ever. */
function checkNamed(sinks: Config['sinks'], detections: readonly Detection[]): void {
  const known = new Set(detections.map(({ id }) => id))
  for (const { kind, name, settings } of sinks) {
    const unknown = kind.detections?.(settings).find((id) => !known.has(id))
    if (unknown !== undefined) throw new Error(`sink ${name}: there is no detection ${unknown}`)
  }
}

/** What the configuration says of the engine. */
export function engineSettings(config: Config) {
  const { bounds, state, tenants, sinks } = config
  return {
    store: new StateStore(state.directory),
    sinks: sinks.map(({ name }) => name),
    deadLetters: new DeadLetterFile(join(state.directory, 'dead-letters.ndjson')),
    ...(tenants === undefined ? {} : { tenants: new Set(tenants) }),
    stream: { maxSeen: bounds.events },
    limits: {
      maxAgents: bounds.agents,
      maxValues: bounds.values,
      maxTexts: bounds.texts,
      maxOpenAlerts: bounds.open_alerts,
    },
    queues: { maxBytes: bounds.queue * 1024 * 1024 },
    saves: { saveEvery: state.save_every },
  } satisfies Partial<EngineOptions>
}

/** What the configuration says of silence. */
export function silenceRules({ silence, canaries }: Config): SilenceRules {
  return { ...silence, canaries: canaries.map(({ agent, every }) => ({ agent: agent.toLowerCase(), every })) }
}

/** The parts of a configuration that a reload can't change. */
const FIXED = ['sources', 'sinks', 'state', 'tenants', 'bounds', 'server', 'log', 'grace'] as const

/** Names of what differs between two configurations and counts from the next start only. */
export function needsRestart(before: Config, after: Config): readonly string[] {
  return FIXED.filter((part) => JSON.stringify(plain(before[part])) !== JSON.stringify(plain(after[part])))
}

/** A kind is what its name says. */
function plain(part: unknown): unknown {
  if (!Array.isArray(part)) return part
  return part.map((one) => (one?.kind?.kind === undefined ? one : { ...one, kind: one.kind.kind }))
}
