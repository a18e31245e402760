import type { Suppression } from '../alerts/suppression.js'
import { type ListedSuppression, loadSuppressions } from '../config/suppressions.js'
import { problemText } from '../config/yaml.js'
import type { Detection } from '../detections/detection.js'
import { type Io, print } from './io.js'

/** What `--exceptions` means, wherever alerts are raised. */
export const EXCEPTIONS = 'what is not to be reported for a while, YAML: see agentwarden suppress --help'

/**
 * The entries of a file of exceptions, none without a file. Warns on standard error of those that have ended, and of
 * those that hold nothing back.
 */
export async function exceptionsIn(
  io: Io,
  file: string | undefined,
  detections: readonly Detection[],
): Promise<readonly Suppression[]> {
  const entries = file === undefined ? [] : await loadSuppressions(file)
  for (const entry of entries) {
    const message = warningOf(entry, detections, io.now())
    if (message !== undefined)
      await print(io.stderr, problemText({ ...entry.place, message: `warning: ${message}` }))
  }
  return entries
}

function warningOf(
  { detection: id, until, reason }: ListedSuppression,
  detections: readonly Detection[],
  now: number,
): string | undefined {
  const end = new Date(until).toISOString()
  if (until <= now)
    return `this exception ended at ${end}: remove it, or set a new date. It was for: ${reason}`
  const detection = detections.find((one) => one.id === id)
  if (id !== undefined && !detection)
    return `there is no detection ${id}, so this exception holds nothing back`
  if (detection?.severity === 'high')
    return `${id} is of severity high, which no exception holds back; lower it by an override if that is meant`
  return undefined
}

/** Those that have not ended: a rule judges the present only. */
export function current(entries: readonly Suppression[], now: number): readonly Suppression[] {
  return entries.filter(({ until }) => until > now)
}
