import type { Detection } from '../detections/detection.js'
import { UsageError } from './io.js'

/** Takes the ids of `--only`, which may be divided by commas and be given more than once. */
export function collectIds(text: string, before: readonly string[] = []): readonly string[] {
  const ids = text.split(',').map((id) => id.trim())
  return [...before, ...ids.filter((id) => id !== '')]
}

/** Those of the detections that are asked for; all if none is. @throws UsageError for an id that none has. */
export function onlyThese(
  all: readonly Detection[],
  ids: readonly string[] | undefined,
): readonly Detection[] {
  if (!ids) return all
  const unknown = ids.filter((id) => !all.some((one) => one.id === id))
  if (unknown.length > 0) {
    throw new UsageError(`there is no detection ${unknown.join(', ')}; see agentwarden detections list`)
  }
  return all.filter(({ id }) => ids.includes(id))
}
