import { basename, dirname } from 'node:path'
import { getOrAdd } from '../collections.js'
import type { Capabilities } from './capabilities.js'
import type { Detection } from './detection.js'
import { sentence, settings } from './words.js'

const HEAD = `# Detections

Written by \`npm run docs\` from \`detections/\`; changes here are lost. \`agentwarden detections show ID\` prints one of
them. Which logs each needs stands beside *Reads*; a rule whose tables are not connected finds nothing and breaks
nothing. Every threshold can be changed in the YAML, for both engines at once.
`

const HAS = { same: 'yes', form: 'in another form', not: 'no' } as const

/** The pack as a page in Markdown: what each detection finds, what of ATT&CK that covers, and what it leaves out. */
export function detectionsPage(detections: readonly Detection[], compared: Capabilities | undefined): string {
  const current = detections.filter(({ status }) => status !== 'retired')
  return [
    HEAD,
    overview(current),
    coverage(current),
    ...(compared ? [comparison(compared), missing(compared)] : []),
    ...groupsOf(current).map(([name, some]) => `## ${heading(name)}\n\n${some.map(section).join('\n')}`),
  ].join('\n')
}

/** The detections by the folder that they lie in. */
export function groupsOf(detections: readonly Detection[]): [string, Detection[]][] {
  const groups = new Map<string, Detection[]>()
  for (const one of detections) getOrAdd(groups, basename(dirname(one.file)), () => []).push(one)
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1))
}

function heading(folder: string): string {
  return folder.charAt(0).toUpperCase() + folder.slice(1)
}

function overview(detections: readonly Detection[]): string {
  const rows = groupsOf(detections).flatMap(([group, some]) =>
    some.map(({ id, title, severity, kind }) => [`[${id}](#${id})`, title, severity, kind.name, group]),
  )
  const title = `## All ${detections.length}\n`
  return [title, table(['detection', 'finds', 'severity', 'kind', 'about'], rows), ''].join('\n')
}

function coverage(detections: readonly Detection[]): string {
  const covered = new Map<string, { tactics: Set<string>; ids: Set<string> }>()
  for (const { id, attack } of detections) {
    for (const [tactic, techniques] of attack) {
      for (const technique of techniques) {
        const entry = getOrAdd(covered, technique, () => ({ tactics: new Set(), ids: new Set() }))
        entry.tactics.add(tactic)
        entry.ids.add(id)
      }
    }
  }
  const rows = [...covered]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([technique, { tactics, ids }]) => [link(technique), [...tactics].join(', '), linked([...ids])])
  return ['## Coverage of MITRE ATT&CK\n', table(['technique', 'tactics', 'detections'], rows), ''].join('\n')
}

function link(technique: string): string {
  return `[${technique}](https://attack.mitre.org/techniques/${technique.replace('.', '/')}/)`
}

function linked(ids: readonly string[]): string {
  return ids.map((id) => `[${id}](#${id})`).join(', ')
}

function comparison({ capabilities }: Capabilities): string {
  const rows = capabilities.map(({ what, has, by = [], why = '' }) => {
    return [what, HAS[has], [linked(by), why].filter((text) => text !== '').join('. ')]
  })
  const count = (has: keyof typeof HAS) => capabilities.filter((one) => one.has === has).length
  const said = `Of ${capabilities.length} things that other packs and products find about workload identities and agents, this
one finds ${count('same')} in the same sense and ${count('form')} in another form.`
  const lines = table(['what others have', 'here', 'by what, or why not'], rows)
  return ['## Beside other packs\n', `${said}\n`, lines, ''].join('\n')
}

function missing({ missing }: Capabilities): string {
  const lines = missing.map(({ what, why }) => `- **${what}.** ${why}`)
  return ['## What it leaves out\n', ...lines, ''].join('\n')
}

function section(detection: Detection): string {
  const { id, title, version, severity, why, kind, view, attack, alert } = detection
  const tactics = Array.from(attack, ([tactic, techniques]) => `${tactic} ${techniques.map(link).join(', ')}`)
  return `### ${id}

**${title}.** ${paragraph(why)}

- *Severity* ${severity}, *version* ${version}${detection.streamOnly === undefined ? '' : ', *only in the stream*'}
- *Reads* ${tablesOf(detection).join(', ')} (${view.name})
- *Alerts if* ${kind.summary} (\`${kind.name}\`)
- *With* ${settings(detection).replaceAll('|', '\\|')}
- *Says* "${paragraph(sentence(alert))}"
- *ATT&CK* ${tactics.join('; ')}
${items('False positives', detection.falsePositives)}
${items('Blind spots', detection.blindSpots)}
`
}

function items(title: string, some: readonly string[]): string {
  return [`- *${title}*`, ...some.map((one) => `  - ${paragraph(one)}`)].join('\n')
}

function tablesOf({ view, after, unless }: Detection): string[] {
  const views = [view, ...(after ? [after.view] : []), ...(unless ? [unless.view] : [])]
  return [...new Set(views.flatMap(({ sources }) => sources.map(({ table }) => table.name)))]
}

function paragraph(text: string): string {
  return text.trim().replace(/\s+/g, ' ')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n')
}

/** A bar would end the cell. */
function cell(text: string): string {
  return paragraph(text).replaceAll('|', '\\|')
}
