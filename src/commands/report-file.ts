import type { Detection } from '../detections/detection.js'
import { buildReport, type ReportFacts } from '../report/build.js'
import type { ReportCollector } from '../report/collect.js'
import { reportHtml } from '../report/write.js'
import { LazyFile } from './lazy-file.js'

/** What `--report` means, wherever logs are read. */
export const REPORT = 'write a page to look at: alerts and what each agent usually does, one HTML file'

/** Writes the report in pieces: it may be larger than a text can be. To be called when all is read. */
export function writeReport(
  path: string,
  collector: ReportCollector,
  detections: readonly Detection[],
  facts: ReportFacts,
): void {
  const file = new LazyFile(path)
  collector.look()
  for (const piece of reportHtml(buildReport(collector, detections, facts))) file.write(piece)
  file.close()
}
