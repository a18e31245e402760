import type { Detection } from '../detections/detection.js'
import type { Curve, DetectionCurves } from './curve.js'
import { written } from './overrides-file.js'
import { valueAt } from './parameters.js'
import { areaOf, qualityOf, type Swept } from './propose.js'
import type { Outcome } from './sweep.js'

/** The parameters of a detection that were swept. */
export function parametersOf({ others }: Swept): string[] {
  return [...new Set(others.flatMap(({ parameter }) => parameter ?? []))]
}

/** The curves of a detection. Recall, precision and area stand in them where there are labels. */
export function curvesOf(
  swept: Swept,
  detection: Detection,
  proposed: Outcome | undefined,
  labelled: boolean,
): DetectionCurves {
  const curves = parametersOf(swept).map((parameter): Curve => {
    const own = swept.others.filter((one) => one.parameter === parameter)
    const now = { ...swept.now, value: valueAt(detection, parameter) as number }
    const ascending = [...own, now].sort((a, b) => Number(a.value) - Number(b.value))
    const points = ascending.map((one) => ({
      value: written(one.value, own[0]?.duration) as string | number,
      alerts: one.alerts,
      perDay: one.perDay,
      ...(labelled ? qualityOf(swept, one) : {}),
      isNow: one === now,
      isProposed: one === proposed,
    }))
    return { parameter, points, ...(labelled ? { area: areaOf(swept, parameter) } : {}) }
  })
  return { detection: swept.detection, perDay: swept.now.perDay, curves }
}
