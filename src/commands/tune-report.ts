import type { Detection } from '../detections/detection.js'
import { written } from '../tuning/overrides-file.js'
import { areaOf, qualityOf, type Swept } from '../tuning/propose.js'
import { type Outcome, type Span, valueAt } from '../tuning/sweep.js'

/** What a sweep found, for people and for programs. */
export class TuneReport {
  readonly #detections: ReadonlyMap<string, Detection>
  readonly #all: readonly Swept[]
  readonly #proposed: ReadonlyMap<string, Outcome>
  readonly #span: Span
  readonly #labelled: boolean

  constructor(
    detections: readonly Detection[],
    all: readonly Swept[],
    proposed: ReadonlyMap<string, Outcome>,
    span: Span,
    labelled: boolean,
  ) {
    this.#detections = new Map(detections.map((one) => [one.id, one]))
    this.#all = all
    this.#proposed = proposed
    this.#span = span
    this.#labelled = labelled
  }

  /** Alerts a day with all that is proposed. */
  get proposedPerDay(): number {
    return this.#all.reduce(
      (sum, { detection, now }) => sum + (this.#proposed.get(detection) ?? now).perDay,
      0,
    )
  }

  json(): object {
    return {
      from: new Date(this.#span.from).toISOString(),
      to: new Date(this.#span.to).toISOString(),
      perDay: this.#all.reduce((sum, { now }) => sum + now.perDay, 0),
      proposedPerDay: this.proposedPerDay,
      detections: this.#all.map((swept) => ({
        detection: swept.detection,
        now: this.#plain(swept, swept.now),
        parameters: parametersOf(swept).map((parameter) => ({
          parameter,
          now: this.#nowOf(swept, parameter),
          ...(this.#labelled ? { area: areaOf(swept, parameter) } : {}),
          values: swept.others
            .filter((one) => one.parameter === parameter)
            .map((one) => this.#plain(swept, one)),
        })),
        proposed: this.#proposedText(swept.detection),
      })),
    }
  }

  text(): string {
    const lines = this.#all.flatMap((swept) => this.#detectionLines(swept))
    const total = this.#all.reduce((sum, { now }) => sum + now.perDay, 0)
    const proposals = this.#all.flatMap(({ detection }) => this.#proposedText(detection) ?? [])
    return [
      `Alerts a day from ${new Date(this.#span.from).toISOString().slice(0, 16)} to ${new Date(this.#span.to).toISOString().slice(0, 16)} UTC: ${total.toFixed(2)}`,
      ...lines,
      '',
      ...(proposals.length > 0
        ? [
            `Proposed: ${this.proposedPerDay.toFixed(2)} alerts a day`,
            ...proposals.map((line) => `  ${line}`),
          ]
        : ['Nothing is proposed.']),
    ].join('\n')
  }

  #detectionLines(swept: Swept): string[] {
    const { detection, now } = swept
    const quality = this.#labelled ? `, ${qualityText(swept, now)}` : ''
    return [
      '',
      `${detection}: ${now.perDay.toFixed(2)} a day${quality}`,
      ...parametersOf(swept).map((one) => this.#parameterLine(swept, one)),
    ]
  }

  #parameterLine(swept: Swept, parameter: string): string {
    const own = swept.others.filter((one) => one.parameter === parameter)
    const duration = own[0]?.duration
    const now = { ...swept.now, value: this.#nowOf(swept, parameter) as number }
    const values = [...own, now].sort((a, b) => Number(a.value) - Number(b.value))
    if (own.every((one) => isAlike(one, swept.now)))
      return `  ${parameter.padEnd(16)} no difference from ${written(values[0]!.value, duration)} to ${written(values.at(-1)!.value, duration)}`
    const cells = values.map((one) => {
      const value = String(written(one.value, duration))
      const quality = this.#labelled ? ` (${shortQuality(swept, one)})` : ''
      return `${one === now ? `[${value}]` : value}: ${one.perDay.toFixed(2)}${quality}`
    })
    const area = this.#labelled ? areaOf(swept, parameter) : undefined
    const end = area === undefined ? '' : `   area ${area.toFixed(2)}`
    return `  ${parameter.padEnd(16)} ${cells.join('   ')}${end}`
  }

  #nowOf({ detection }: Swept, parameter: string): unknown {
    return valueAt(this.#detections.get(detection)!.parameters, parameter)
  }

  #plain(swept: Swept, { parameter, value, duration, alerts, perDay, caught, unexplained }: Outcome): object {
    return {
      ...(parameter === undefined ? {} : { value: written(value, duration) }),
      alerts,
      perDay,
      ...(this.#labelled
        ? {
            caught: caught.size,
            unexplained,
            ...qualityOf(swept, { alerts, caught, unexplained } as Outcome),
          }
        : {}),
    }
  }

  #proposedText(detection: string): string | undefined {
    const outcome = this.#proposed.get(detection)
    if (outcome?.parameter === undefined) return undefined
    const swept = this.#all.find((one) => one.detection === detection)!
    const before = written(this.#nowOf(swept, outcome.parameter), outcome.duration)
    const after = written(outcome.value, outcome.duration)
    return `${detection}: ${outcome.parameter} ${after} instead of ${before}, ${outcome.perDay.toFixed(2)} alerts a day instead of ${swept.now.perDay.toFixed(2)}`
  }
}

/** Whether two values came to the same. */
function isAlike(one: Outcome, other: Outcome): boolean {
  return (
    one.alerts === other.alerts &&
    one.unexplained === other.unexplained &&
    one.caught.size === other.caught.size
  )
}

function parametersOf({ others }: Swept): string[] {
  return [...new Set(others.flatMap(({ parameter }) => parameter ?? []))]
}

function qualityText(swept: Swept, outcome: Outcome): string {
  const { recall, precision } = qualityOf(swept, outcome)
  return `recall ${share(recall)}, precision ${share(precision)}`
}

function shortQuality(swept: Swept, outcome: Outcome): string {
  const { recall, precision } = qualityOf(swept, outcome)
  return `R ${share(recall)} P ${share(precision)}`
}

function share(value: number | undefined): string {
  return value === undefined ? '-' : value.toFixed(2)
}
