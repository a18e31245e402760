import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'

const COMMON = {
  title: 'A detection under test',
  version: '1.0.0',
  severity: 'medium',
  status: 'stable',
  why: 'To be tested.',
  view: 'GraphCalls',
  alert: 'The agent {AgentName} showed {observed}, {basis}',
  false_positives: ['none'],
  blind_spots: ['none'],
  attack: { InitialAccess: ['T1078.004'] },
  references: ['https://example.com/'],
}

const SOON = { learn: '24h', min_hours: 2 }

/** A detection of each kind, as sensitive as can be. */
const SENSITIVE = {
  every: { kind: 'match', where: { ResponseStatusCode: 403 } },
  changed: { view: 'AgentChanges', kind: 'match', entity: ['Operation'] },
  busy: { kind: 'spike', metric: 'count', floor: 1, k: 1, ...SOON },
  heavy: { kind: 'spike', metric: 'sum', column: 'ResponseSizeBytes', floor: 10, k: 1, ...SOON },
  broad: { kind: 'spike', metric: 'distinct', column: 'Operation', floor: 1, k: 0, ...SOON },
  fresh: { kind: 'new_value', field: 'Operation', ...SOON },
  far: { view: 'SignIns', kind: 'new_value', field: 'IPAddress', ...SOON },
  odd: { view: 'SignIns', kind: 'off_hours', min_days: { weekday: 1, weekend: 1 }, ...SOON },
  rare: { kind: 'rare_volume', metric: 'count', by: 'GraphResource', floor: 1, ratio: 1, ...SOON },
  paired: {
    view: 'SignIns',
    kind: 'pair',
    after: { view: 'AgentChanges', within: '24h' },
    alert:
      '{AgentName} was active {after.minutes} minutes after {after.ActorName} changed it ({after.Operation})',
  },
  unannounced: {
    view: 'SignIns',
    kind: 'new_value',
    field: ['Location', 'IPAddress'],
    unless: { view: 'GraphCalls', within: '2h', on: { IPAddress: 'IPAddress' } },
    ...SOON,
  },
  quiet: { view: 'SignIns', kind: 'quiet_return', gap: '24h' },
}

/** Writes detections to a folder, by id; what they leave out is the same in all of them. */
export function writeDetections(folder: string, said: Readonly<Record<string, object>>): void {
  mkdirSync(folder, { recursive: true })
  for (const [id, own] of Object.entries(said)) {
    writeFileSync(join(folder, `${id}.yaml`), stringify({ id, ...COMMON, ...own }))
  }
}

/** Writes a pack that finds something in every log. */
export function writeSensitivePack(folder: string): void {
  writeDetections(folder, SENSITIVE)
}
