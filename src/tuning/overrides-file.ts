import { Document, isMap, type Scalar } from 'yaml'
import type { Detection } from '../detections/detection.js'
import { durationText } from '../records/duration.js'
import { HOUR_MS } from '../records/time.js'
import { valueAt } from './parameters.js'
import type { Outcome } from './sweep.js'

/** A value as YAML has it. */
export function written(value: unknown, duration: boolean | undefined): unknown {
  return duration && typeof value === 'number' ? durationText(value * HOUR_MS) : value
}

/** An overrides file with what was proposed, and a comment on each: what it was, and what it changes. */
export function overridesText(
  proposed: ReadonlyMap<string, Outcome>,
  now: ReadonlyMap<string, Outcome>,
  detections: readonly Detection[],
): string {
  const document = new Document({ overrides: {} })
  document.commentBefore = ' Written by agentwarden tune. One value a detection was changed at a time.'
  for (const [id, outcome] of proposed) {
    const { parameter = '', value, duration } = outcome
    const path = ['overrides', id, ...parameter.split('.')]
    document.setIn(path, written(value, duration))
    const group = document.getIn(path.slice(0, -1))
    const pair = isMap(group)
      ? group.items.find(({ key }) => (key as Scalar).value === path.at(-1))
      : undefined
    const before = valueAt(detections.find((one) => one.id === id)!, parameter)
    if (pair)
      (pair.key as Scalar).commentBefore = ` ${commentOf(written(before, duration), now.get(id)!, outcome)}`
  }
  return document.toString({ lineWidth: 0 })
}

function commentOf(before: unknown, now: Outcome, { perDay, caught }: Outcome): string {
  const attacks = now.caught.size > 0 ? `, ${caught.size} of ${now.caught.size} labelled attacks kept` : ''
  return `was ${before}: ${perDay.toFixed(2)} alerts a day instead of ${now.perDay.toFixed(2)}${attacks}`
}
