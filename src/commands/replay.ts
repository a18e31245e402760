import { appendFileSync, closeSync, mkdirSync, openSync } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { type Inventory, POPULATIONS, type Population } from '../agents/inventory.js'
import { loadInventory } from '../agents/load.js'
import { type Alert, atLeast, SEVERITIES, type Severity } from '../alerts/alert.js'
import { toOcsf } from '../alerts/ocsf.js'
import type { Detection } from '../detections/detection.js'
import { loadDetections, PACK } from '../detections/load.js'
import { parseTime } from '../records/time.js'
import { deadLetterLine } from '../replay/dead-letters.js'
import { Replay } from '../replay/replay.js'
import { loadState, saveState } from '../replay/state.js'
import { summaryText } from '../replay/summary.js'
import { buildReport } from '../report/build.js'
import { ReportCollector } from '../report/collect.js'
import { reportHtml } from '../report/write.js'
import { alertTable } from '../sinks/alert-table.js'
import { FileSource } from '../sources/files.js'
import { type Input, resolveInputs, STDIN } from '../sources/inputs.js'
import { EXCEPTIONS, exceptionsIn } from './exceptions.js'
import { type Io, print, UsageError, write } from './io.js'
import { OVERRIDES } from './options.js'
import { type Progress, progressBar } from './progress.js'

interface ReplayFlags {
  readonly agents?: string
  readonly identities?: Population
  readonly detections: string
  readonly overrides?: string
  readonly exceptions?: string
  readonly format: 'table' | 'ndjson' | 'ocsf'
  readonly out?: string
  readonly deadLetters: string
  readonly since?: number
  readonly until?: number
  readonly reorder: number
  readonly state?: string
  readonly failOn?: Severity
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
    .option('--agents <file>', 'inventory of agents, YAML or CSV')
    .addOption(
      new Option(
        '--identities <which>',
        "whose behaviour is learnt: agentic (marked by Entra), inventory (also those listed), workloads (also every workload identity but Microsoft's). Default: inventory with --agents, else workloads",
      ).choices(POPULATIONS),
    )
    .option('--detections <dir>', 'detections to run', PACK)
    .option('--overrides <file>', OVERRIDES)
    .option('--exceptions <file>', EXCEPTIONS)
    .addOption(
      new Option('--format <format>', 'what to print').choices(['table', 'ndjson', 'ocsf']).default('table'),
    )
    .option(
      '--out <file>',
      'write the alerts to a file, as NDJSON (OCSF with --format ocsf); a table is printed all the same',
    )
    .option(
      '--report <file>',
      'write a page to look at: alerts and what each agent usually does, one HTML file',
    )
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
      hoursArgument,
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
  const inventory = flags.agents === undefined ? undefined : await loadInventory(flags.agents)
  const suppressions = await exceptionsIn(io, flags.exceptions, detections)
  const inputs = await resolveInputs(patterns)
  await keepInputs(inputs, flags)
  const printer = new AlertPrinter(io, flags)
  let report: ReportCollector | undefined
  const deadLetters = new LazyFile(flags.deadLetters)
  const run = new Replay(
    {
      detections,
      suppressions,
      now: io.now(),
      stream: { reorderHours: flags.reorder },
      ...limitsOf(flags, inventory),
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
  await readAll(io, inputs, run, flags.quiet === true)
  if (state === undefined) await run.finish()
  else await run.suspend()
  await printer.finish()
  deadLetters.close()
  if (report) writeReport(flags.report!, report, detections, { version, made: io.now() })
  if (state !== undefined) await saveState(state, run)
  if (!flags.quiet) {
    const facts = {
      seconds: (io.now() - started) / 1000,
      deadLetters: deadLetters.used ? flags.deadLetters : undefined,
    }
    await print(io.stderr, summaryText(run, printer.counts, { ...facts, waiting: state !== undefined }))
  }
  for (const failure of run.failures) await print(io.stderr, `error: ${failure}`)
  return run.failures.length > 0 || printer.reached ? 1 : 0
}

/** An old result among the inputs would be read as a log; a log among the results would be lost. */
async function keepInputs(
  inputs: readonly Input[],
  { out, deadLetters, report }: ReplayFlags,
): Promise<void> {
  const paths = await Promise.all(inputs.map(({ path }) => identityOf(path)))
  for (const [flag, file] of [
    ['--out', out],
    ['--dead-letters', deadLetters],
    ['--report', report],
  ]) {
    if (file !== undefined && paths.includes(await identityOf(file)))
      throw new UsageError(`${flag} ${file} is one of the inputs: write it elsewhere`)
  }
}

/** The same for all names of a file. */
async function identityOf(path: string): Promise<string> {
  return realpath(path).catch(() => resolve(path))
}

/** Writes the report in pieces: it may be larger than a text can be. */
function writeReport(
  path: string,
  collector: ReportCollector,
  detections: readonly Detection[],
  said: { version: string; made: number },
): void {
  const file = new LazyFile(path)
  collector.look()
  for (const piece of reportHtml(buildReport(collector, detections, said))) file.write(piece)
  file.close()
}

function limitsOf(flags: ReplayFlags, inventory: Inventory | undefined) {
  return {
    ...(inventory === undefined ? {} : { inventory }),
    ...(flags.identities === undefined ? {} : { population: flags.identities }),
    ...(flags.since === undefined ? {} : { since: flags.since }),
    ...(flags.until === undefined ? {} : { until: flags.until }),
  }
}

/** Reads logs into a replay, and shows how far it is. */
export async function readAll(io: Io, inputs: readonly Input[], run: Replay, quiet: boolean): Promise<void> {
  const files = inputs.map((input) => new FileSource(input, { stdin: io.stdin }))
  const total = inputs.reduce((sum, { size }) => sum + (size ?? 0), 0)
  const progress = progressBar(io, total, quiet)
  try {
    await run.read(files.map((file, index) => watched(file, inputs[index]!, files, run, progress)))
  } finally {
    progress.stop()
  }
}

/** A source that moves the progress bar as it is read. */
function watched(
  file: FileSource,
  input: Input,
  all: readonly FileSource[],
  run: Replay,
  progress: Progress,
) {
  return {
    name: file.name,
    once: input.path === STDIN,
    async *pieces() {
      for await (const pieces of file.pieces()) {
        const done = all.reduce((sum, { read }) => sum + read, 0)
        progress.update(done, `${run.stream.counters.rows.toLocaleString('en-US')} agent rows`)
        yield pieces
      }
    },
  }
}

/** Puts alerts where the flags want them, and counts them. */
class AlertPrinter {
  readonly counts = new Map<string, number>()
  /** Whether an alert was as severe as `--fail-on` says. */
  reached = false
  readonly #io: Io
  readonly #flags: ReplayFlags
  readonly #file: LazyFile | undefined
  readonly #shown: Alert[] = []

  constructor(io: Io, flags: ReplayFlags) {
    this.#io = io
    this.#flags = flags
    this.#file = flags.out === undefined ? undefined : new LazyFile(flags.out)
  }

  /** Opens the file, also if nothing will be written to it. */
  start(): void {
    this.#file?.open()
  }

  async add(alerts: readonly Alert[]): Promise<void> {
    const { format, failOn } = this.#flags
    for (const alert of alerts) {
      this.counts.set(alert.detection, (this.counts.get(alert.detection) ?? 0) + 1)
      this.reached ||= failOn !== undefined && atLeast(alert.severity, failOn)
      const line = `${JSON.stringify(format === 'ocsf' ? toOcsf(alert) : alert)}\n`
      this.#file?.write(line)
      if (format === 'table') this.#shown.push(alert)
      else if (!this.#file) await write(this.#io.stdout, line)
    }
  }

  async finish(): Promise<void> {
    if (this.#flags.format === 'table') {
      await print(this.#io.stdout, alertTable(this.#shown, this.#io.columns ?? 160))
    }
    this.#file?.close()
  }
}

/**
 * A file that comes into being with its first line. Written at once and not in the background, so that a full disk
 * ends the run instead of losing lines, and lines never pile up in memory.
 */
class LazyFile {
  readonly #path: string
  #handle: number | undefined

  constructor(path: string) {
    this.#path = path
  }

  /** Whether anything was written. */
  used = false

  open(): number {
    if (this.#handle !== undefined) return this.#handle
    mkdirSync(dirname(this.#path), { recursive: true })
    this.#handle = openSync(this.#path, 'w')
    return this.#handle
  }

  write(line: string): void {
    appendFileSync(this.open(), line)
    this.used = true
  }

  close(): void {
    if (this.#handle !== undefined) closeSync(this.#handle)
    this.#handle = undefined
  }
}

/** A time on the command line, in milliseconds since 1970. */
export function timeArgument(text: string): number {
  const time = parseTime(text)
  if (time === undefined)
    throw new InvalidArgumentError('a time reads like 2026-11-20 or 2026-11-20T03:00:00Z')
  return time
}

function hoursArgument(text: string): number {
  const hours = /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN
  if (!(hours <= 24)) throw new InvalidArgumentError('must be from 0 to 24')
  return hours
}
