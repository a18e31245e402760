import { z } from 'zod'
import type { AlertPolicy } from './alert-policy.js'
import type { SilenceWatch } from './silence.js'
import type { OutgoingAlert } from './sink.js'

const savedSchema = z.object({ limits: z.unknown(), silence: z.unknown() })

/** The limits on alerts, which can be exchanged, and what was learnt of silence: saved together with the state. */
export class DaemonPolicy implements AlertPolicy {
  #limits: AlertPolicy
  readonly #silence: SilenceWatch
  readonly #count: (alerts: readonly OutgoingAlert[]) => void

  /** @param count told of all alerts that go out */
  constructor(limits: AlertPolicy, silence: SilenceWatch, count: (alerts: readonly OutgoingAlert[]) => void) {
    this.#limits = limits
    this.#silence = silence
    this.#count = count
  }

  /** Goes on with other limits; what is held back is kept. */
  setLimits(limits: AlertPolicy): void {
    limits.load(this.#limits.save())
    this.#limits = limits
  }

  admit(alerts: readonly OutgoingAlert[], now: number): readonly OutgoingAlert[] {
    return this.#counted(this.#limits.admit(alerts, now))
  }

  due(now: number): readonly OutgoingAlert[] {
    return this.#counted(this.#limits.due(now))
  }

  save(): unknown {
    return { limits: this.#limits.save(), silence: this.#silence.save() }
  }

  load(saved: unknown): void {
    const { limits, silence } = savedSchema.safeParse(saved).data ?? {}
    this.#limits.load(limits)
    this.#silence.load(silence)
  }

  #counted(alerts: readonly OutgoingAlert[]): readonly OutgoingAlert[] {
    if (alerts.length > 0) this.#count(alerts)
    return alerts
  }
}
