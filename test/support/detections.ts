import { ProblemsError, YamlFile } from '../../src/config/yaml.js'
import type { Detection } from '../../src/detections/detection.js'
import { loadKinds } from '../../src/detections/load.js'
import { readDetection } from '../../src/detections/read.js'
import { views } from '../../src/views/index.js'

const vocabulary = { views, kinds: await loadKinds() }

const COMMON = {
  title: 'A detection under test',
  version: '1.0.0',
  severity: 'medium',
  status: 'stable',
  why: 'To be tested.',
  view: 'GraphCalls',
  alert: 'The agent {AgentName} showed {observed}',
  false_positives: ['none'],
  blind_spots: ['none'],
  attack: { InitialAccess: ['T1078.004'] },
  references: ['https://example.com/'],
}

/**
 * A detection from what its YAML would say; what a test leaves out is the same in all of them.
 * @throws ProblemsError as for a file.
 */
export function detection(said: Readonly<Record<string, unknown>> & { readonly kind: string }): Detection {
  const { id = `test-${said.kind.replaceAll('_', '-')}` } = said
  const yaml = new YamlFile(`${id}.yaml`, JSON.stringify({ ...COMMON, id, ...said }))
  const read = readDetection(yaml, vocabulary)
  if (!read || yaml.problems.length > 0) throw new ProblemsError(yaml.problems)
  return read
}
