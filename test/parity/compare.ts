import { language, logAnalyticsTables } from '../../src/kql/language.js'
import { Comparison, type ParityResult, type ParitySetting } from '../../src/parity/parity.js'
import type { PieceSource } from '../../src/replay/merge.js'
import { detection } from '../support/detections.js'

const shared = language(logAnalyticsTables())
/** After all logs of the tests. */
const NOW = Date.UTC(2026, 11, 31)

/** Both engines, ready to be compared on one detection, given as its YAML would say it. */
export function comparison(said: Said, setting: Partial<ParitySetting> = {}): Comparison {
  const detections = [detection(said)]
  return new Comparison({ detections, language: shared, population: 'workloads', ...setting })
}

type Said = Parameters<typeof detection>[0]

/** How they compare on these logs, with every alert key that only one of them raised. */
export async function differences(
  engines: Comparison,
  sources: readonly PieceSource[],
): Promise<ParityResult & { readonly differences: readonly string[] }> {
  const [result] = await engines.on(sources, { now: NOW })
  const { streamOnly, kqlOnly } = result!
  return {
    ...result!,
    differences: [
      ...streamOnly.map((key) => `stream only: ${key}`),
      ...kqlOnly.map((key) => `KQL only: ${key}`),
    ],
  }
}
