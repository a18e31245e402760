import { z } from 'zod'
import { SEVERITIES } from '../alerts/alert.js'
import { duration } from '../scoring/parameters.js'
import { TACTICS } from './attack.js'

const sentence = z.string().trim().min(1)
const sentences = z.array(sentence).min(1)

const columnPairs = z.record(z.string(), z.string()).default({})

/** Another row, as `after` and `unless` describe it; its `where` is read once its view is known. */
const companion = z.strictObject({
  view: z.string(),
  within: duration(312),
  where: z.unknown().optional(),
  on: columnPairs,
  differs: columnPairs,
})

export type SaidCompanion = z.infer<typeof companion>

/** What every detection says of itself, whatever its kind. */
export const common = {
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'small letters, digits and single hyphens'),
  title: sentence.max(256),
  version: z.string().regex(/^\d+\.\d+\.\d+$/, 'reads like 1.0.0'),
  severity: z.enum(SEVERITIES),
  status: z.enum(['draft', 'stable', 'retired']),
  why: sentence.max(5000),
  view: z.string(),
  kind: z.string('every detection names its kind'),
  where: z.unknown().optional(),
  after: companion.optional(),
  unless: companion.optional(),
  alert: sentence,
  false_positives: sentences,
  blind_spots: sentences,
  attack: z.partialRecord(z.enum(TACTICS), z.array(z.string()).min(1)),
  references: z.array(z.url()).min(1),
  kql: z.strictObject({ unsupported: sentence }).optional(),
}

export const commonSchema = z.object(common)

export type Common = z.infer<typeof commonSchema>
