import { z } from 'zod'
import { platformAlert } from '../alerts/platform.js'
import type { OutgoingAlert } from './sink.js'

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

/** The setting: alerts that an operator does not want to see for a while. */
export const suppressionsSchema = z
  .array(suppressionSchema)
  .max(1_000)
  .default([])
  .describe(
    'Alerts that are counted and not delivered, for a while. Those of severity high are delivered anyway.',
  )

export type Suppression = z.output<typeof suppressionSchema>

/** Whether an entry that has not ended speaks of an alert. */
export function suppresses(entry: Suppression, alert: OutgoingAlert, now: number): boolean {
  if (now >= entry.until) return false
  if (entry.detection !== undefined && entry.detection !== alert.detection) return false
  if (entry.agent !== undefined && entry.agent !== alert.agentId.toLowerCase()) return false
  const wanted = new Map(Object.entries(alert.entity))
  return Object.entries(entry.entity ?? {}).every(
    ([name, value]) => wanted.has(name) && String(wanted.get(name)) === String(value),
  )
}

/** What distinguishes an entry. */
export function keyOf({ detection, agent, entity, until }: Suppression): string {
  return JSON.stringify([detection, agent, entity, until])
}

/** The alert that an entry has ended, so that nobody relies on it. */
export function endedAlert(
  { detection, agent, entity, until, reason }: Suppression,
  now: number,
): OutgoingAlert {
  const end = new Date(until).toISOString()
  const whose = [detection && `alerts of ${detection}`, agent && `agent ${agent}`].filter(Boolean).join(', ')
  const finding = {
    detection: 'suppression-ended',
    title: 'A suppression of alerts has ended',
    severity: 'low' as const,
    entity: { ...entity, ...(detection && { detection }), ...(agent && { agent }), until: end },
    observed: end,
    expected: { why: reason },
    reason: `The suppression of ${whose} ended at ${end}: such alerts are delivered again. It was for: ${reason}`,
    mitre: { tactics: [], techniques: [] },
  }
  return { ...platformAlert(finding, now), state: 'raised' }
}
