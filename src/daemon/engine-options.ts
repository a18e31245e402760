import type { AgentSelector } from '../agents/inventory.js'
import type { Suppression } from '../alerts/suppression.js'
import type { Detection } from '../detections/detection.js'
import type { StreamOptions } from '../replay/stream.js'
import type { ScorerLimits } from '../scoring/scorer.js'
import type { StateStore } from '../state/store.js'
import type { AlertPolicy } from './alert-policy.js'
import type { DeadLetters } from './dead-letter-file.js'
import type { OutboxLimits } from './durable-outbox.js'
import type { QueueLimits } from './queues.js'
import type { SaveHook } from './saver.js'
import type { SaveTimes } from './schedule.js'
import type { Sink } from './sink.js'
import type { Fatal, Source } from './source.js'

export interface EngineOptions {
  readonly sources: readonly Source[]
  /** Not open yet: the engine opens and closes it. */
  readonly store: StateStore
  readonly detections: readonly Detection[]
  readonly selector: AgentSelector
  /** Names of the sinks: an alert is kept until each of them has it. */
  readonly sinks: readonly Sink['name'][]
  readonly deadLetters: DeadLetters
  readonly policy?: AlertPolicy
  /** Alerts that say nothing of their agent's risk; holding them back is the policy's part. */
  readonly suppressions?: readonly Suppression[] | undefined
  /** Tenants whose rows count, in lower case; all, if it is left out. */
  readonly tenants?: ReadonlySet<string>
  /** By default rows are judged as they come: `reorderHours` 0. */
  readonly stream?: Partial<StreamOptions>
  readonly limits?: Partial<ScorerLimits>
  readonly queues?: Partial<QueueLimits>
  readonly outbox?: Partial<OutboxLimits>
  readonly saves?: Partial<SaveTimes>
  /** The present, in milliseconds since 1970. */
  readonly now: () => number
  /** A clock that only goes on, in milliseconds. */
  readonly monotonic?: () => number
  /** Told of what went wrong and is being tried again, or was put right. Must not throw. */
  readonly trouble?: (what: string, error: unknown) => void
  /** For tests: called at each step of a save. */
  readonly hook?: SaveHook
}

/** How the engine ended: told to stop, another instance took over, or it can't go on. */
export interface Ended {
  readonly reason: 'stopped' | Fatal
  readonly error?: Error
}
