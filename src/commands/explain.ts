import { Command } from 'commander'
import type { Alert } from '../alerts/alert.js'
import { sanitise } from '../alerts/template.js'
import type { Detection } from '../detections/detection.js'
import { evidenceQueries, stepsOf, Witness } from '../detections/explain.js'
import { loadDetections, PACK } from '../detections/load.js'
import { conditionText } from '../detections/words.js'
import { HOUR_MS } from '../records/time.js'
import { Replay } from '../replay/replay.js'
import type { Step } from '../scoring/explanation.js'
import { type Input, resolveInputs } from '../sources/inputs.js'
import type { ViewRow } from '../views/view.js'
import { columnsOf } from '../where/condition.js'
import { findAlert } from './alert-file.js'
import { EXIT } from './exit-codes.js'
import { type Io, print } from './io.js'
import { onlyThese } from './only.js'
import { type AgentFlags, agentsOption, identitiesOption, OVERRIDES, whose } from './options.js'
import { readInputs } from './read-inputs.js'

interface ExplainFlags extends AgentFlags {
  readonly alerts: string
  readonly detections: string
  readonly overrides?: string
  readonly json?: boolean
  readonly quiet?: boolean
}

/** What was found again in the logs. */
interface Explained {
  readonly alert: Alert
  /** The same alert as these logs raise it; nothing if they don't. */
  readonly again: Alert | undefined
  readonly steps: readonly Step[]
  readonly rows: readonly Record<string, unknown>[]
  /** How many rows of the hour there are in all. */
  readonly rowsInAll: number
  readonly queries: readonly string[]
}

const NOT_RAISED = 'these logs, read this way, do not raise this alert: see --help for what must be the same'

/** Rows of the hour that are shown: enough to add them up by hand. */
const MOST_ROWS = 100

const AFTER = `
Example:
  agentwarden replay samples --out alerts.ndjson
  agentwarden explain 3f9a0c --alerts alerts.ndjson samples

Reads the logs again with the detection of this alert, and shows what it saw: the rows of the hour, what is known of the
agent from the 13 days before, every quantity from the rows to the threshold with how one comes to it, and KQL that
finds the evidence in Log Analytics. The arithmetic is done from the rows, not by the engine that raised the alert. Give
the same logs, detections, overrides, inventory and identities as to the replay.
Exit code: 0 explained, 1 these logs do not raise the alert or an input broke off, 2 wrong usage.`

/** `agentwarden explain`: the whole arithmetic of one alert. */
export function explainCommand(io: Io, exit: (code: number) => void): Command {
  return new Command('explain')
    .description('show the arithmetic of one alert, from the rows to the threshold')
    .argument('<alert>', 'id of the alert; its first six characters are enough')
    .argument('<input...>', 'the logs: files, directories, globs, or - for standard input')
    .requiredOption('--alerts <file>', 'where the alert stands, NDJSON as replay --out writes it')
    .addOption(agentsOption())
    .addOption(identitiesOption())
    .option('--detections <dir>', 'where the detection is', PACK)
    .option('--overrides <file>', OVERRIDES)
    .option('--json', 'print the steps as JSON')
    .option('--quiet', 'no progress')
    .addHelpText('after', AFTER)
    .action(async (id: string, patterns: string[], flags: ExplainFlags) =>
      exit(await explain(io, id, patterns, flags)),
    )
}

async function explain(io: Io, id: string, patterns: string[], flags: ExplainFlags): Promise<number> {
  const alert = await findAlert(flags.alerts, id)
  const detections = await loadDetections(flags.detections, flags.overrides)
  const detection = onlyThese(detections, [alert.detection])[0]!
  const inputs = await resolveInputs(patterns)
  const witness = new Witness(detection, alert, detections)
  const { again, failures } = await replayed(io, alert, detection, witness, inputs, flags)
  const explained = explainedOf(alert, again, detection, witness)
  await print(io.stdout, flags.json ? JSON.stringify(explained, undefined, 2) : text(explained, detection))
  const errors = again === undefined ? [...failures, NOT_RAISED] : failures
  for (const error of errors) await print(io.stderr, `error: ${error}`)
  return errors.length > 0 ? EXIT.failed : EXIT.done
}

/** The alert as it is raised anew, when the logs are read up to the end of its hour; and the inputs that broke off. */
async function replayed(
  io: Io,
  { id, hour }: Alert,
  detection: Detection,
  witness: Witness,
  inputs: readonly Input[],
  flags: ExplainFlags,
): Promise<{ again: Alert | undefined; failures: readonly string[] }> {
  let again: Alert | undefined
  // What did not come is known once later rows have.
  const until = Date.parse(hour) + (detection.kind.closed ? 25 : 1) * HOUR_MS
  const run = new Replay(
    { detections: [detection], now: io.now(), until, ...(await whose(flags)) },
    {
      alerts: (alerts) => {
        again = alerts.find((one) => one.id === id) ?? again
      },
      deadLetter: () => {},
    },
  )
  run.stream.changeScorer(witness)
  await readInputs(io, inputs, run, flags.quiet === true)
  await run.finish()
  return { again, failures: run.failures }
}

function explainedOf(
  alert: Alert,
  again: Alert | undefined,
  detection: Detection,
  witness: Witness,
): Explained {
  const { seen } = witness
  return {
    alert,
    again,
    steps: again === undefined ? [] : stepsOf(detection, seen),
    rows: seen.within.slice(0, MOST_ROWS).map((row) => shownRow(row, detection, witness)),
    rowsInAll: seen.within.length,
    queries: evidenceQueries(alert),
  }
}

/** The columns of a row that the detection looks at, and the companions that it found for it. */
function shownRow(row: ViewRow, detection: Detection, witness: Witness): Record<string, unknown> {
  const { where, after, unless, kind, parameters, alert } = detection
  const names = [
    ...(where ? columnsOf(where) : []),
    ...kind.columns(parameters).map(({ column }) => column),
    ...alert.flatMap((part) => (typeof part === 'string' ? [] : [part.name])),
    ...[after, unless].flatMap((one) => one?.on.map(({ own }) => own) ?? []),
    ...[after, unless].flatMap((one) => one?.differs.map(({ own }) => own) ?? []),
  ]
  const columns = [...new Set(names)].filter((name) => row[name] !== undefined && name !== 'AgentName')
  return {
    time: new Date(row.EventTime).toISOString(),
    table: row.Type,
    id: row.Id,
    ...Object.fromEntries(columns.map((name) => [name, row[name]])),
    ...(after ? { after: witness.companionsOf(row, after).map(companionText) } : {}),
    ...(unless ? { unless: witness.companionsOf(row, unless).map(companionText) } : {}),
  }
}

function companionText({ Type, Id, EventTime }: ViewRow): string {
  return [new Date(EventTime).toISOString(), Type, Id ?? ''].join(' ').trim()
}

function text({ alert, steps, rows, rowsInAll, queries }: Explained, detection: Detection): string {
  const { kind, where, view } = detection
  const entity = Object.entries(alert.entity).map(([name, value]) => `${name} ${sanitise(String(value))}`)
  return [
    sanitise(alert.reason, 1_000),
    '',
    `Alert      ${alert.id}, ${alert.severity}, ${alert.detection} ${detection.version}`,
    `Agent      ${sanitise(alert.agentName ?? '')} ${sanitise(alert.agentId)}`.replace(
      / {2,}(?=[^ ]+$)/,
      '  ',
    ),
    `Hour       ${alert.hour} to ${new Date(Date.parse(alert.hour) + HOUR_MS).toISOString().replace('.000', '')}`,
    `Entity     ${entity.join(', ') || 'none: one alert an agent and hour'}`,
    `Looks at   ${view.name}${where === undefined ? '' : ` where ${conditionText(where)}`}`,
    `Alerts if  ${kind.summary}`,
    '',
    `Rows of the hour (${rowsInAll})`,
    ...rows.map((row) => `  ${rowText(row)}`),
    ...(rowsInAll > rows.length ? [`  … and ${rowsInAll - rows.length} more`] : []),
    '',
    'Arithmetic',
    ...steps.flatMap(stepLines),
    '',
    'Evidence in Log Analytics',
    ...queries.flatMap((query) => [...query.split('\n').map((line) => `  ${line}`), '']),
  ]
    .join('\n')
    .trimEnd()
}

function rowText({ time, table, id, ...columns }: Record<string, unknown>): string {
  const values = Object.entries(columns).map(
    ([name, value]) =>
      `${name}=${sanitise(Array.isArray(value) ? value.join('; ') || 'none' : String(value))}`,
  )
  return [time, table, id ?? '-', ...values].join('  ')
}

const WIDTH = 110

/** A step, with what explains it folded into lines. */
function stepLines({ name, value, how }: Step): string[] {
  const lines = ['']
  for (const word of how.split(' ').map((word) => sanitise(word))) {
    const last = lines.at(-1)!
    if (last.length + word.length > WIDTH) lines.push(word)
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`
  }
  const head = `  ${name.padEnd(13)} ${sanitise(String(value))}`
  return [head, ...lines.map((line) => `  ${' '.repeat(13)} ${line}`)]
}
