import { z } from 'zod'
import { HOUR_MS } from '../records/time.js'
import type { Alert } from './alert.js'

const until = z.union([z.iso.datetime({ offset: true }), z.iso.date()]).transform((text) => Date.parse(text))

const suppressionSchema = z
  .strictObject({
    detection: z.string().min(1).optional().describe('Id of the detection; any if left out.'),
    agent: z.string().min(1).toLowerCase().optional().describe('Id of the agent; any if left out.'),
    entity: z
      .record(z.string(), z.union([z.string(), z.number()]))
      .optional()
      .describe('What the alert is about, as its entity says; any if left out.'),
    until: until.describe('When it ends: 2026-12-31, or with a time 2026-12-31T18:00:00Z.'),
    reason: z.string().min(1).describe('Why: stands in the alert that tells of its end.'),
  })
  .refine(
    ({ detection, agent }) => detection !== undefined || agent !== undefined,
    'names a detection or an agent',
  )

/** Most entries of a list. */
export const MOST_SUPPRESSIONS = 1_000

/** Alerts that an operator does not want to see for a while: in the configuration, and in files of exceptions. */
export const suppressionsSchema = z
  .array(suppressionSchema)
  .max(MOST_SUPPRESSIONS)
  .default([])
  .describe(
    'Alerts that are counted and not delivered, for a while. Those of severity high are delivered anyway.',
  )

export type Suppression = z.output<typeof suppressionSchema>

type Suppressible = Pick<Alert, 'detection' | 'severity' | 'agentId' | 'entity' | 'hour'>

/**
 * Whether an entry speaks of an alert: of its detection, its agent, all that the entry says of the entity, and an hour
 * that is over by the end of the entry. Names of the entity's columns ignore case, as the engines differ in it.
 * Severity high is never suppressed. The same in KQL: `kql/suppressions.ts`.
 */
export function suppresses(entry: Suppression, alert: Suppressible): boolean {
  if (alert.severity === 'high') return false
  if (entry.detection !== undefined && entry.detection !== alert.detection) return false
  if (entry.agent !== undefined && entry.agent !== alert.agentId.toLowerCase()) return false
  const shown = new Map(Object.entries(alert.entity).map(([name, value]) => [name.toLowerCase(), value]))
  const isMeant = Object.entries(entry.entity ?? {}).every(([name, value]) => {
    const found = shown.get(name.toLowerCase())
    return found !== undefined && String(found) === String(value)
  })
  return isMeant && Date.parse(alert.hour) + HOUR_MS <= entry.until
}

/** What distinguishes an entry. */
export function keyOf({ detection, agent, entity, until }: Suppression): string {
  return JSON.stringify([detection, agent, entity, until])
}
