import { writeFile } from 'node:fs/promises'
import { Command, InvalidArgumentError } from 'commander'
import { z } from 'zod'
import { type FileProblem, ProblemsError, readText } from '../config/yaml.js'
import type { Detection } from '../detections/detection.js'
import { loadDetections, PACK } from '../detections/load.js'
import { HOUR_MS } from '../records/time.js'
import { Replay } from '../replay/replay.js'
import { DEFAULT_REPORT_LIMITS, ReportCollector } from '../report/collect.js'
import { type Input, resolveInputs } from '../sources/inputs.js'
import type { Label } from '../tuning/labels.js'
import { overridesText } from '../tuning/overrides-file.js'
import { byDetection, propose } from '../tuning/propose.js'
import { type Outcome, type Span, SweepScorer, Tally, variantsOf } from '../tuning/sweep.js'
import { type Io, print } from './io.js'
import { keepInputs } from './keep-inputs.js'
import { collectIds, onlyThese } from './only.js'
import { type AgentFlags, agentsOption, identitiesOption, OVERRIDES, timeArgument, whose } from './options.js'
import { readInputs } from './read-inputs.js'
import { REPORT, writeReport } from './report-file.js'
import { TuneReport } from './tune-report.js'

interface TuneFlags extends AgentFlags {
  readonly labels?: string
  readonly budget?: number
  readonly out?: string
  readonly report?: string
  readonly detections: string
  readonly overrides?: string
  readonly only?: readonly string[]
  readonly since?: number
  readonly json?: boolean
  readonly quiet?: boolean
}

/** Days from the first row on that are for learning only, unless the logs are too short for that. */
const LEARNING_DAYS = 7

const AFTER = `
Examples:
  agentwarden tune logs
  agentwarden tune logs --budget 5 --out overrides.yaml --report out/report.html
  agentwarden tune samples --labels samples/labels.ndjson --only data-volume-spike,new-network

Reads the logs once and judges every row by each detection as it is, and with each of its parameters at some values around
the present one, one parameter at a time. Shows alerts a day by value; the value in brackets is the present one. The first
${LEARNING_DAYS} days are for learning and don't count, unless --since says otherwise.
--labels names what should be found, a line each: {"agent":ID,"appId":ID,"attack":NAME,"from":TIME,"to":TIME}. An alert
belongs to a label if it is about its agent and an hour of its time. Then each value also shows recall (of the attacks
that the detection catches at any of the values) and precision, and each parameter the area under that curve.
With --labels, values are proposed that save false alerts. With --budget, values are proposed until all detections together
raise no more than so many alerts a day. No value is proposed that loses a labelled attack or silences a detection. Look at
what they lose before you use them: agentwarden diff.
Exit code: 0 done, 1 an input broke off or the budget can't be met, 2 wrong usage.`

/** `agentwarden tune`: thresholds chosen on one's own logs. */
export function tuneCommand(io: Io, exit: (code: number) => void, version: string): Command {
  return new Command('tune')
    .description('show what other thresholds would have raised, and propose some')
    .argument('<input...>', 'the logs: files, directories, globs, or - for standard input')
    .option('--labels <file>', 'what should be found, NDJSON')
    .option('--budget <alerts>', 'alerts a day that all detections together may raise', budgetArgument)
    .option('--out <file>', 'write the proposed values as an overrides file')
    .option('--report <file>', `${REPORT}, with the curves of all parameters`)
    .addOption(agentsOption())
    .addOption(identitiesOption())
    .option('--detections <dir>', 'detections to tune', PACK)
    .option('--overrides <file>', OVERRIDES)
    .option('--only <ids>', 'only these detections, divided by commas or given again', collectIds)
    .option('--since <time>', 'count alerts from this time on; what lies before is learnt from', timeArgument)
    .option('--json', 'print all numbers as JSON')
    .option('--quiet', 'no progress')
    .addHelpText('after', AFTER)
    .action(async (patterns: string[], flags: TuneFlags) => exit(await tune(io, patterns, flags, version)))
}

function budgetArgument(text: string): number {
  const budget = text.trim() === '' ? Number.NaN : Number(text)
  if (!(budget >= 0)) throw new InvalidArgumentError('must be a number of alerts a day, as 5 or 0.5')
  return budget
}

async function tune(io: Io, patterns: string[], flags: TuneFlags, version: string): Promise<number> {
  const detections = onlyThese(await loadDetections(flags.detections, flags.overrides), flags.only)
  const labels = flags.labels === undefined ? [] : await readLabels(flags.labels)
  const inputs = await resolveInputs(patterns)
  await keepInputs(inputs, { '--out': flags.out, '--report': flags.report })
  const { outcomes, span, failures, collector } = await sweep(io, detections, labels, inputs, flags)
  const all = byDetection(outcomes)
  const proposed = propose(all, { budget: flags.budget, labelled: flags.labels !== undefined })
  const now = new Map(all.map((one) => [one.detection, one.now]))
  const report = new TuneReport(detections, all, proposed, span, flags.labels !== undefined)
  await print(io.stdout, flags.json ? JSON.stringify(report.json(), undefined, 2) : report.text())
  if (flags.report !== undefined && collector !== undefined)
    writeReport(flags.report, collector, detections, { version, made: io.now(), tuning: report.tuning() })
  if (flags.out !== undefined) {
    await writeFile(flags.out, overridesText(proposed, now, detections))
    await print(io.stderr, `${proposed.size} values written to ${flags.out}`)
  }
  for (const failure of failures) await print(io.stderr, `error: ${failure}`)
  const isMet = flags.budget === undefined || report.proposedPerDay <= flags.budget
  if (!isMet)
    await print(io.stderr, `error: no values that were tried keep within ${flags.budget} alerts a day`)
  return failures.length > 0 || !isMet ? 1 : 0
}

/** What a sweep gave, and what a report of it is made from, if one is wanted. */
interface Sweep {
  readonly outcomes: Outcome[]
  readonly span: Span
  readonly failures: readonly string[]
  readonly collector: ReportCollector | undefined
}

async function sweep(
  io: Io,
  detections: readonly Detection[],
  labels: readonly Label[],
  inputs: readonly Input[],
  flags: TuneFlags,
): Promise<Sweep> {
  const variants = variantsOf(detections)
  const scorer = new SweepScorer(variants)
  const tally = new Tally()
  const ids = new Set(detections.map(({ id }) => id))
  const collector =
    flags.report === undefined ? undefined : new ReportCollector(scorer, DEFAULT_REPORT_LIMITS, ids)
  const run = new Replay(
    { detections: [], now: io.now(), ...(await whose(flags)) },
    {
      alerts: (alerts) => {
        tally.add(alerts)
        collector?.add(alerts)
      },
      deadLetter: () => {},
    },
  )
  run.stream.changeScorer(scorer)
  await readInputs(io, inputs, run, flags.quiet === true)
  await run.finish()
  const span = spanOf(scorer, flags.since)
  return { outcomes: tally.outcomes(variants, span, labels), span, failures: run.failures, collector }
}

function spanOf({ first, last }: SweepScorer, since: number | undefined): Span {
  const learnt = first + LEARNING_DAYS * 24 * HOUR_MS
  const from = since ?? (last - learnt >= 24 * HOUR_MS ? learnt : first)
  return Number.isFinite(first) ? { from: Math.max(from, first), to: last } : { from: 0, to: 0 }
}

const labelSchema = z
  .object({
    agent: z.string().toLowerCase(),
    appId: z.string().toLowerCase().optional(),
    attack: z.string().default('attack'),
    from: z.iso.datetime({ offset: true }).transform(Date.parse),
    to: z.iso.datetime({ offset: true }).transform(Date.parse),
  })
  .refine(({ from, to }) => from <= to, 'ends before it begins')

async function readLabels(file: string): Promise<Label[]> {
  const problems: FileProblem[] = []
  const labels = (await readText(file)).split('\n').flatMap((line, index): Label[] => {
    if (line.trim() === '') return []
    try {
      return [labelSchema.parse(JSON.parse(line))]
    } catch (error) {
      const [issue] = error instanceof z.ZodError ? error.issues : []
      const message = issue ? `no label: ${issue.path.join('.')} ${issue.message}` : (error as Error).message
      problems.push({ file, line: index + 1, column: 1, message })
      return []
    }
  })
  if (problems.length > 0) throw new ProblemsError(problems.slice(0, 10))
  return labels
}
