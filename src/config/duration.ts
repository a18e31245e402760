import { z } from 'zod'
import { durationText, parseDuration } from '../records/duration.js'

/**
 * A setting that is a length of time, written `500ms`, `5s`, `30m`, `6h` or `7d`; read as milliseconds.
 *
 * @param least shortest that is allowed, written the same way @param most longest
 */
export function durationSetting(least: string, most: string) {
  const [shortest, longest] = [parseDuration(least)!, parseDuration(most)!]
  return z
    .string('a length of time reads like 5s, 30m or 6h')
    .regex(/^\d{1,9}(ms|s|m|h|d)$/, 'a length of time reads like 5s, 30m or 6h')
    .transform((text, context) => {
      const length = parseDuration(text) ?? Number.NaN
      if (length >= shortest && length <= longest) return length
      context.addIssue(`must be from ${durationText(shortest)} to ${durationText(longest)}, got ${text}`)
      return z.NEVER
    })
}
