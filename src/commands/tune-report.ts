import type { Detection } from '../detections/detection.js'
import type { Tuning } from '../report/data.js'
import type { Curve, CurvePoint, DetectionCurves } from '../tuning/curve.js'
import { curvesOf, parametersOf } from '../tuning/curves.js'
import { written } from '../tuning/overrides-file.js'
import { valueAt } from '../tuning/parameters.js'
import { areaOf, qualityOf, type Swept } from '../tuning/propose.js'
import type { Outcome, Span } from '../tuning/sweep.js'

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

  /** The same for the report, to be drawn. */
  tuning(): Tuning {
    return {
      from: this.#span.from / 1000,
      to: this.#span.to / 1000,
      labelled: this.#labelled,
      detections: this.#all.map((swept) => this.#curvesOf(swept)),
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
    const quality = this.#labelled
      ? `, recall ${share(qualityOf(swept, now).recall)}, precision ${share(qualityOf(swept, now).precision)}`
      : ''
    return [
      '',
      `${detection}: ${now.perDay.toFixed(2)} a day${quality}`,
      ...this.#curvesOf(swept).curves.map(curveLine),
    ]
  }

  #curvesOf(swept: Swept): DetectionCurves {
    const { detection } = swept
    return curvesOf(swept, this.#detections.get(detection)!, this.#proposed.get(detection), this.#labelled)
  }

  #nowOf({ detection }: Swept, parameter: string): unknown {
    return valueAt(this.#detections.get(detection)!, parameter)
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

/** A parameter's values with what they raise, the present one in brackets. */
function curveLine({ parameter, points, area }: Curve): string {
  const name = parameter.padEnd(16)
  if (points.every((one) => isAlike(one, points[0]!)))
    return `  ${name} no difference from ${points[0]!.value} to ${points.at(-1)!.value}`
  const end = area === undefined ? '' : `   area ${area.toFixed(2)}`
  return `  ${name} ${points.map(pointText).join('   ')}${end}`
}

function pointText(point: CurvePoint): string {
  const { value, isNow, perDay, recall, precision } = point
  const quality = 'recall' in point ? ` (R ${share(recall)} P ${share(precision)})` : ''
  return `${isNow ? `[${value}]` : value}: ${perDay.toFixed(2)}${quality}`
}

/** Whether two values came to the same. */
function isAlike(one: CurvePoint, other: CurvePoint): boolean {
  return one.alerts === other.alerts && one.recall === other.recall && one.precision === other.precision
}

function share(value: number | undefined): string {
  return value === undefined ? '-' : value.toFixed(2)
}
