import type { Detection } from '../src/detections/detection.js'
import { loadDetections } from '../src/detections/load.js'

/** The detections of the first version, so that later figures can be told from those of a larger pack. */
const FIRST: ReadonlySet<string> = new Set([
  'agent-active-off-hours',
  'unusual-resource',
  'sign-in-spike',
  'data-volume-spike',
  'rare-resource-volume',
  'resource-sweep',
  'failed-access-burst',
  'new-country',
  'new-network',
  'new-credential-used',
  'new-graph-operation',
  'return-after-silence',
  'credential-added',
  'federated-credential-added',
  'owner-added',
  'high-privilege-app-role-granted',
  'directory-role-assigned',
  'tenant-wide-consent',
])

/** What a benchmark runs: the whole pack, or with `DETECTIONS=first` the eighteen of the first version. */
export async function measuredDetections(): Promise<readonly Detection[]> {
  const pack = await loadDetections()
  return process.env.DETECTIONS === 'first' ? pack.filter(({ id }) => FIRST.has(id)) : pack
}
