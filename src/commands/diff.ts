import { Command, Option } from 'commander'
import type { Alert } from '../alerts/alert.js'
import { type DetectionDifference, type Difference, differenceOf } from '../alerts/difference.js'
import { sanitise } from '../alerts/template.js'
import { readAlerts } from './alert-file.js'
import { EXIT } from './exit-codes.js'
import { type Io, print } from './io.js'

interface DiffFlags {
  readonly format: 'text' | 'markdown'
  readonly json?: boolean
  readonly fail?: boolean
}

/** More alerts and agents of one detection than a reviewer reads; how many more there are is said. */
const MOST_SHOWN = 5

const AFTER = `
Example, for a pull request that changes the pack:
  git stash && agentwarden replay logs --detections detections --out before.ndjson && git stash pop
  agentwarden replay logs --detections detections --out after.ndjson
  agentwarden diff before.ndjson after.ndjson --format markdown --fail

An alert is the same in both if its detection, tenant, agent, entity and hour are: so both must be of the same logs. It
is changed if its severity or its sentence is another. Of each detection ${MOST_SHOWN} alerts of each sort are shown; --json has all.
Exit code: 0 compared, 1 they differ and --fail is set, 2 wrong usage.`

/** `agentwarden diff`: what a change in the pack adds and removes. */
export function diffCommand(io: Io, exit: (code: number) => void): Command {
  return new Command('diff')
    .description('say which alerts a change adds and removes, by detection and agent')
    .argument('<before>', 'alerts, NDJSON as replay --out writes them')
    .argument('<after>', 'alerts on the same logs')
    .addOption(
      new Option('--format <format>', 'how to write it').choices(['text', 'markdown']).default('text'),
    )
    .option('--json', 'print the difference as JSON, with every alert')
    .option('--fail', 'exit with 1 if they differ')
    .addHelpText('after', AFTER)
    .action(async (before: string, after: string, flags: DiffFlags) =>
      exit(await diff(io, before, after, flags)),
    )
}

async function diff(io: Io, before: string, after: string, flags: DiffFlags): Promise<number> {
  const difference = differenceOf(await readAlerts(before), await readAlerts(after))
  const text = flags.json
    ? JSON.stringify(difference, undefined, 2)
    : flags.format === 'markdown'
      ? markdown(difference)
      : plain(difference)
  await print(io.stdout, text)
  return flags.fail && difference.detections.length > 0 ? EXIT.failed : EXIT.done
}

function headline({ before, after, same, detections }: Difference): string {
  if (detections.length === 0) return `No difference: ${number(same)} alerts in both.`
  const count = (part: 'added' | 'removed' | 'changed') =>
    number(detections.reduce((sum, one) => sum + one[part].length, 0))
  return `${number(before)} alerts before, ${number(after)} after: ${count('added')} added, ${count('removed')} removed, ${count('changed')} changed, ${number(same)} the same.`
}

function plain(difference: Difference): string {
  const sections = difference.detections.map((one) => {
    const { detection, added, removed, changed } = one
    const head = `${detection}: ${added.length} added, ${removed.length} removed, ${changed.length} changed`
    return ['', head, `  agents: ${agents(one, sanitise)}`, ...lines(one).map((line) => `  ${line}`)].join(
      '\n',
    )
  })
  return [headline(difference), ...sections].join('\n')
}

function markdown(difference: Difference): string {
  if (difference.detections.length === 0) return headline(difference)
  const rows = difference.detections.map(
    (one) =>
      `| ${one.detection} | ${one.added.length} | ${one.removed.length} | ${one.changed.length} | ${agents(one, code).replaceAll('|', '\\|')} |`,
  )
  const sections = difference.detections.map((one) =>
    [`\n### ${one.detection}\n`, ...lines(one, code).map((line) => `- ${line}`)].join('\n'),
  )
  return [
    headline(difference),
    '',
    '| detection | added | removed | changed | agents |',
    '|---|---|---|---|---|',
    ...rows,
    ...sections,
  ].join('\n')
}

/** Text from a log, which could hold markup or name people, as a code span. */
function code(text: string): string {
  return `\`${sanitise(text).replaceAll('`', "'")}\``
}

function agents({ agents }: DetectionDifference, shown: (text: string) => string): string {
  const names = agents.slice(0, MOST_SHOWN).map(([name, count]) => `${shown(name)} (${number(count)})`)
  return [...names, ...more(agents.length, 'agents')].join(', ')
}

function lines({ added, removed, changed }: DetectionDifference, shown = sanitise): string[] {
  const severities = (before: Alert, after: Alert) =>
    before.severity === after.severity ? after.severity : `${before.severity} to ${after.severity}`
  return [
    ...section(added, 'added', (one) => `added ${lineOf(one, one.severity, shown)}`),
    ...section(removed, 'removed', (one) => `removed ${lineOf(one, one.severity, shown)}`),
    ...section(
      changed,
      'changed',
      ({ before, after }) =>
        `changed ${lineOf(after, severities(before, after), shown)}${before.reason === after.reason ? '' : `; before: ${shown(before.reason)}`}`,
    ),
  ]
}

function section<T>(all: readonly T[], what: string, line: (one: T) => string): string[] {
  return [...all.slice(0, MOST_SHOWN).map(line), ...more(all.length, what)]
}

function more(count: number, what: string): string[] {
  return count > MOST_SHOWN ? [`… and ${number(count - MOST_SHOWN)} more ${what}`] : []
}

function lineOf({ id, time, reason }: Alert, severity: string, shown: (text: string) => string): string {
  return `${id.slice(0, 12)} ${time.slice(0, 16).replace('T', ' ')} ${severity}: ${shown(reason)}`
}

function number(value: number): string {
  return value.toLocaleString('en-US')
}
