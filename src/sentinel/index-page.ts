import type { Detection } from '../detections/detection.js'
import { shortDuration } from './duration.js'
import type { Rule } from './rule.js'

const HEAD = `# Rules for Microsoft Sentinel

Written by \`agentwarden rules build\` from the detections; changes here are lost. Each rule stands in
\`rules/\` (YAML of the Azure-Sentinel repository), \`arm/\` (resource template) and \`queries/\` (the KQL alone).
\`arm/all-rules.json\` and \`rules.bicep\` deploy all of them:

\`\`\`sh
az deployment group create --resource-group GROUP --template-file rules.bicep --parameters workspace=WORKSPACE
\`\`\`

The parameter \`enabled\` switches rules off: \`enabled='{"sign-in-spike": false}'\`.
`

/** The page that lists the rules, and the detections that are none. */
export function indexPage(rules: readonly Rule[], detections: readonly Detection[]): string {
  const table = [
    '| rule | severity | tactics | tables | runs every | looks back |',
    '|---|---|---|---|---|---|',
    ...rules.map(row),
  ]
  return [HEAD, table.join('\n'), '', ...streamOnlyPart(detections)].join('\n')
}

function row(rule: Rule): string {
  const cells = [
    `[${rule.detection}](rules/${rule.detection}.yaml): ${rule.name}`,
    rule.severity,
    rule.tactics.join(', '),
    rule.connectors.flatMap(({ dataTypes }) => dataTypes).join(', '),
    shortDuration(rule.frequency),
    shortDuration(rule.period),
  ]
  return `| ${cells.map(cell).join(' | ')} |`
}

/** A bar would end the cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}

function streamOnlyPart(detections: readonly Detection[]): string[] {
  const lines = detections.flatMap(({ id, streamOnly }) =>
    streamOnly === undefined ? [] : [`- ${id}: ${streamOnly.trim().replace(/\s+/g, ' ')}`],
  )
  if (lines.length === 0) return []
  return ['## Only in the stream', '', 'KQL cannot express these:', '', ...lines, '']
}
