import type { OutgoingAlert } from './sink.js'

/**
 * What stands between the engine and the outbox: suppression and rate limits. What it holds back is counted and
 * reported by roll-ups with exact numbers. Its state is saved in the same write as the outbox, so that a crash neither
 * loses nor doubles a count. Pure: time is an argument (milliseconds since 1970).
 */
export interface AlertPolicy {
  /** The alerts that go to the outbox now, in order. */
  admit(alerts: readonly OutgoingAlert[], now: number): readonly OutgoingAlert[]
  /** Roll-ups that are due by now; called at each save. */
  due(now: number): readonly OutgoingAlert[]
  /** Plain data that `load` takes back. */
  save(): unknown
  /** Takes up what was saved; what does not fit any more is left out. */
  load(saved: unknown): void
}

/** Lets every alert pass. */
export const NO_POLICY: AlertPolicy = {
  admit: (alerts) => alerts,
  due: () => [],
  save: () => undefined,
  load: () => {},
}
