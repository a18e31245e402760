import Table from 'cli-table3'
import { Command, Option } from 'commander'
import { isMap, isScalar, LineCounter, parseDocument, type Scalar } from 'yaml'
import { loadInventory } from '../agents/load.js'
import { watchlistRow } from '../agents/watchlist.js'
import { sanitise } from '../alerts/template.js'
import { ProblemsError, readText } from '../config/yaml.js'
import { csvLine } from '../csv.js'
import { KqlError, prepare, type Table as ResultTable } from '../kql/evaluate/index.js'
import { language, logAnalyticsTables } from '../kql/language.js'
import { type Io, print, write } from './io.js'
import { readData } from './kql-data.js'
import { jsonOption, timeArgument } from './options.js'

type Format = 'table' | 'ndjson' | 'csv'

interface RunFlags {
  readonly data: string[]
  readonly now?: number
  readonly format: Format
  readonly agents?: string
}

const AFTER = `
Examples:
  agentwarden kql run hunt.kql --data samples
  agentwarden kql run rule.yaml --data rows/*.ndjson --now 2026-10-20T12:00Z --format ndjson

Runs the text of a query, or the \`query\` of a Sentinel rule, over log files: parsed and bound by Microsoft's own
parser, evaluated here, without a workspace. The files are Entra's logs as \`agentwarden replay\` reads them, or rows
as \`agentwarden rows\` writes them. now() is --now. With --agents, _GetWatchlist() of any alias gives the inventory.
An operator or function that is not evaluated exactly is refused by name, never approximated.
Exit code: 0 done, 1 an input broke off, 2 wrong usage or a query that can't be run, told as file:line:col.`

/** `agentwarden kql`: queries without a workspace. */
export function kqlCommand(io: Io, exit: (code: number) => void): Command {
  return new Command('kql').description('run KQL over log files').addCommand(runCommand(io, exit))
}

function runCommand(io: Io, exit: (code: number) => void): Command {
  return new Command('run')
    .description('run a KQL query, or the query of a Sentinel rule, over log files and print its result')
    .argument('<query>', 'a file with the text of a query, or a rule in YAML with a field query')
    .requiredOption('--data <files...>', 'files, directories, globs, or - for standard input')
    .option('--now <time>', 'what now() gives; default: the present', timeArgument)
    .addOption(
      new Option('--format <format>', 'what to print').choices(['table', 'ndjson', 'csv']).default('table'),
    )
    .addOption(jsonOption('ndjson'))
    .option('--agents <file>', 'inventory of agents, YAML or CSV, as the watchlist')
    .addHelpText('after', AFTER)
    .action(async (file: string, flags: RunFlags) => exit(await run(io, file, flags)))
}

async function run(io: Io, file: string, flags: RunFlags): Promise<number> {
  const query = await readQuery(file)
  const prepared = told(query, () => prepare(query.text, language(logAnalyticsTables())))
  const { data, unreadable, failures } = await readData(io, flags.data, await watchlists(query.text, flags))
  const result = told(query, () => prepared.run(data, { now: flags.now ?? io.now() }))
  await write(io.stdout, FORMATS[flags.format](result))
  if (unreadable > 0)
    await print(io.stderr, `${unreadable} records could not be read; agentwarden rows says why`)
  for (const failure of failures) await print(io.stderr, `error: ${failure}`)
  return failures.length > 0 ? 1 : 0
}

/** The inventory under every alias that the query asks for. */
async function watchlists(text: string, { agents }: RunFlags) {
  if (agents === undefined) return new Map()
  const rows = (await loadInventory(agents)).entries.map(watchlistRow)
  return new Map(
    Array.from(text.matchAll(/_GetWatchlist\(\s*["']([^"']+)["']/g), ([, alias]) => [alias!, rows]),
  )
}

/** A query, and how its lines and columns are counted in the file it stands in. */
interface Query {
  readonly file: string
  readonly text: string
  readonly place: (line: number, column: number) => { readonly line: number; readonly column: number }
}

async function readQuery(file: string): Promise<Query> {
  const text = await readText(file)
  if (!/\.ya?ml$/i.test(file)) return { file, text, place: (line, column) => ({ line, column }) }
  const lines = new LineCounter()
  const { contents } = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const node = isMap(contents) ? contents.get('query', true) : undefined
  if (!isScalar(node) || typeof node.value !== 'string') {
    throw new ProblemsError([{ file, line: 1, column: 1, message: 'has no text under query' }])
  }
  return { file, text: node.value, place: placeIn(text, node, lines) }
}

/** Where the lines of a text stand in its YAML file; only in a block (`|`) is each a line of its own. */
function placeIn(yaml: string, node: Scalar, lines: LineCounter): Query['place'] {
  const { line: first, col } = lines.linePos(node.range?.[0] ?? 0)
  if (node.type !== 'BLOCK_LITERAL') return () => ({ line: first, column: col })
  const content = yaml.split('\n').slice(first)
  const indent = /^ */.exec(content.find((line) => line.trim() !== '') ?? '')![0].length
  return (line, column) => ({ line: first + line, column: column + indent })
}

/** Tells what is wrong with a query by its place in the file. */
function told<T>({ file, place }: Query, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    if (!(cause instanceof KqlError)) throw cause
    const at = cause.line > 0 ? place(cause.line, cause.column) : { line: 1, column: 1 }
    throw new ProblemsError([{ file, ...at, message: cause.message }], { cause })
  }
}

const FORMATS: Readonly<Record<Format, (table: ResultTable) => string>> = {
  table: asTable,
  ndjson: ({ columns, rows }) =>
    rows
      .map((row) => `${jsonOf(Object.fromEntries(columns.map(({ name }, at) => [name, row[at]])))}\n`)
      .join(''),
  csv: ({ columns, rows }) =>
    [columns.map(({ name }) => name), ...rows.map((row) => row.map(cell))]
      .map((line) => csvLine(line))
      .join(''),
}

/** More rows than a person reads; the others are counted. */
const MOST_ROWS = 1_000

function asTable({ columns, rows }: ResultTable): string {
  if (rows.length === 0) return 'No rows.\n'
  const table = new Table({ head: columns.map(({ name }) => name), style: { head: [], border: [] } })
  // Logs hold what attackers choose: nothing of it may steer the terminal.
  const shown = (value: unknown) => sanitise(cell(value), Number.POSITIVE_INFINITY)
  for (const row of rows.slice(0, MOST_ROWS)) table.push(row.map(shown))
  const more = rows.length - MOST_ROWS
  return `${table.toString()}\n${more > 0 ? `… and ${more} more: --format ndjson prints them all\n` : ''}`
}

/** A value as text: nothing for null, JSON for what is structured. */
function cell(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'object' ? jsonOf(value) : String(value)
}

/** JSON, with whole numbers beyond 2^53 as text. */
function jsonOf(value: unknown): string {
  return JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? String(inner) : inner))
}
