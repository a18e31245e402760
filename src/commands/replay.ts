import { Command, Option } from 'commander'
import { SEVERITIES } from '../alerts/alert.js'
import { loadDetections, PACK } from '../detections/load.js'
import { deadLetterLine } from '../replay/dead-letters.js'
import { Replay } from '../replay/replay.js'
import { loadState, saveState } from '../replay/state.js'
import { summaryText } from '../replay/summary.js'
import { ReportCollector } from '../report/collect.js'
import { resolveInputs } from '../sources/inputs.js'
import { AlertPrinter, type PrinterFlags } from './alert-printer.js'
import { EXCEPTIONS, exceptionsIn } from './exceptions.js'
import { type Io, print } from './io.js'
import { keepInputs } from './keep-inputs.js'
import { LazyFile } from './lazy-file.js'
import {
  type AgentFlags,
  agentsOption,
  identitiesOption,
  jsonOption,
  OVERRIDES,
  timeArgument,
  wholeArgument,
  whose,
} from './options.js'
import { readInputs } from './read-inputs.js'
import { REPORT, writeReport } from './report-file.js'

interface ReplayFlags extends AgentFlags, PrinterFlags {
  readonly detections: string
  readonly overrides?: string
  readonly exceptions?: string
  readonly deadLetters: string
  readonly since?: number
  readonly until?: number
  readonly reorder: number
  readonly state?: string
  readonly report?: string
  readonly quiet?: boolean
}

const EXAMPLES = `
Examples:
  agentwarden replay samples
  agentwarden replay samples --report out/report.html
  agentwarden replay logs/2026-11-*.ndjson.gz --agents agents.yaml --out alerts.ndjson
  az storage blob download … | agentwarden replay - --format ndjson --quiet | jq .reason
  agentwarden replay day1 --state baseline && agentwarden replay day2 --state baseline

Reads Entra's logs in the form in which Event Hubs delivers them: NDJSON of messages {"records":[…]} or of bare
records, JSON arrays, pretty-printed objects; plain or gzip. A baseline needs at least 7 days, better 14.
Exit code: 0 done, 1 failed or --fail-on reached, 2 wrong usage.`

/** `agentwarden replay`: what the detections would have said of some logs. */
export function replayCommand(io: Io, exit: (code: number) => void, version: string): Command {
  return new Command('replay')
    .description('run the detections over log files and print the alerts')
    .argument('<input...>', 'files, directories, globs, or - for standard input')
    .addOption(agentsOption())
    .addOption(
      identitiesOption(
        "whose behaviour is learnt: agentic (marked by Entra), inventory (also those listed), workloads (also every workload identity but Microsoft's). Default: inventory with --agents, else workloads",
      ),
    )
    .option('--detections <dir>', 'detections to run', PACK)
    .option('--overrides <file>', OVERRIDES)
    .option('--exceptions <file>', EXCEPTIONS)
    .addOption(
      new Option('--format <format>', 'what to print').choices(['table', 'ndjson', 'ocsf']).default('table'),
    )
    .addOption(jsonOption('ndjson'))
    .option(
      '--out <file>',
      'write the alerts to a file, as NDJSON (OCSF with --format ocsf); a table is printed all the same',
    )
    .option('--report <file>', REPORT)
    .option('--dead-letters <file>', 'where to put what could not be read', 'out/dead-letters.ndjson')
    .option(
      '--since <time>',
      'report alerts from this time on; what lies before is learnt from',
      timeArgument,
    )
    .option('--until <time>', 'leave out what happened from this time on', timeArgument)
    .option(
      '--reorder <hours>',
      'hours of event time to wait for records that come out of order',
      wholeArgument(0, 24),
      6,
    )
    .option('--state <dir>', 'go on from this state if there is one, and save it: a replay in several parts')
    .addOption(
      new Option(
        '--fail-on <severity>',
        'exit with 1 if there is an alert of at least this severity',
      ).choices(SEVERITIES),
    )
    .option('--quiet', 'no progress and no summary')
    .addHelpText('after', EXAMPLES)
    .action(async (patterns: string[], flags: ReplayFlags) =>
      exit(await replay(io, patterns, flags, version)),
    )
}

async function replay(io: Io, patterns: string[], flags: ReplayFlags, version: string): Promise<number> {
  const detections = await loadDetections(flags.detections, flags.overrides)
  const agents = await whose(flags)
  const suppressions = await exceptionsIn(io, flags.exceptions, detections)
  const inputs = await resolveInputs(patterns)
  await keepInputs(inputs, {
    '--out': flags.out,
    '--dead-letters': flags.deadLetters,
    '--report': flags.report,
  })
  const printer = new AlertPrinter(io, flags)
  let report: ReportCollector | undefined
  const deadLetters = new LazyFile(flags.deadLetters)
  const run = new Replay(
    {
      detections,
      suppressions,
      now: io.now(),
      stream: { reorderHours: flags.reorder },
      ...agents,
      ...timesOf(flags),
    },
    {
      alerts: (alerts) => {
        report?.add(alerts)
        return printer.add(alerts)
      },
      deadLetter: (letter) => deadLetters.write(deadLetterLine(letter)),
    },
  )
  if (flags.report !== undefined) report = new ReportCollector(run.stream.scorer)
  const state = flags.state
  if (state !== undefined) await loadState(state, run)
  printer.start()
  const started = io.now()
  await readInputs(io, inputs, run, flags.quiet === true)
  if (state === undefined) await run.finish()
  else await run.suspend()
  await printer.finish()
  deadLetters.close()
  if (report) writeReport(flags.report!, report, detections, { version, made: io.now() })
  if (state !== undefined) await saveState(state, run)
  if (!flags.quiet) {
    const seconds = (io.now() - started) / 1000
    const unread = deadLetters.used ? flags.deadLetters : undefined
    const facts = { seconds, deadLetters: unread, waiting: state !== undefined }
    await print(io.stderr, summaryText(run, printer.counts, facts))
  }
  for (const failure of run.failures) await print(io.stderr, `error: ${failure}`)
  return run.failures.length > 0 || printer.reached ? 1 : 0
}

/** The times between which is read and reported. */
function timesOf({ since, until }: ReplayFlags) {
  return { ...(since === undefined ? {} : { since }), ...(until === undefined ? {} : { until }) }
}
