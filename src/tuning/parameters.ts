import type { Detection } from '../detections/detection.js'
import { spans, type Tunable } from '../scoring/tunable.js'

/** Where a detection has parameters: those of its kind, and what it says of other rows. */
type Tuned = Pick<Detection, 'kind' | 'parameters' | 'after' | 'unless'>

const COMPANIONS = ['after', 'unless'] as const

/** What of a detection can be tuned: the parameters of its kind, and how far another row may lie before its own. */
export function tunablesOf(detection: Tuned): Tunable[] {
  const companions = COMPANIONS.flatMap((word) => {
    const within = detection[word]?.within
    return within === undefined ? [] : spans(`${word}.within`, within, 312)
  })
  return [...(detection.kind.tunables?.(detection.parameters) ?? []), ...companions]
}

/** A value of the parameters, also of a part of one: `min_days.weekday`, `after.within`. */
export function valueAt({ parameters, after, unless }: Tuned, name: string): unknown {
  return name
    .split('.')
    .reduce<unknown>((group, key) => (group as Record<string, unknown> | undefined)?.[key], {
      ...parameters,
      after,
      unless,
    })
}

/** The detection with one parameter, or a part of one, at another value. */
export function withValue<Other extends Tuned>(detection: Other, name: string, value: number): Other {
  const { parameters } = detection
  const [key = '', part] = name.split('.')
  const companion = COMPANIONS.find((word) => word === key && part === 'within')
  if (companion) return { ...detection, [companion]: { ...detection[companion], within: value } }
  if (part === undefined) return { ...detection, parameters: { ...parameters, [key]: value } }
  return {
    ...detection,
    parameters: { ...parameters, [key]: { ...(parameters[key] as object), [part]: value } },
  }
}
