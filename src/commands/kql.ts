import { readFile } from 'node:fs/promises'
import Table from 'cli-table3'
import { Command, InvalidArgumentError, Option } from 'commander'
import { stringify } from 'csv-stringify/sync'
import { parse } from 'yaml'
import { loadInventory } from '../agents/load.js'
import { Data } from '../kql/evaluate/data.js'
import { KqlError } from '../kql/evaluate/errors.js'
import { prepare, type Table as ResultTable } from '../kql/evaluate/index.js'
import { language, logAnalyticsTables } from '../kql/language.js'
import { inventoryTable } from '../parity/inventory-table.js'
import { readTableRows, TableRows } from '../parity/table-rows.js'
import { parseTime } from '../records/time.js'
import { FileSource } from '../sources/files.js'
import { resolveInputs } from '../sources/inputs.js'
import { tables } from '../tables/index.js'
import { type Io, print, UsageError } from './io.js'

interface RunFlags {
  readonly data: string[]
  readonly now?: number
  readonly agents?: string
  readonly format: 'table' | 'ndjson' | 'csv'
}

const AFTER = `
Examples:
  agentwarden kql run kql/queries/unusual-resource.kql --data samples --now 2026-10-20T04:30:00Z
  agentwarden kql run hunt.kql --data logs --format ndjson | jq .AgentId

The logs are read as for replay, and are the tables that Log Analytics would hold. An operator or function that is not
evaluated here is refused by name. Exit code: 0 done, 1 failed, 2 wrong usage or a query that can't be run.`

/** `agentwarden kql`: KQL on local log files. */
export function kqlCommand(io: Io): Command {
  return new Command('kql').description('run KQL locally on log files').addCommand(runCommand(io))
}

function runCommand(io: Io): Command {
  return new Command('run')
    .description('run a query, or the query of a rule, on log files')
    .argument('<query>', 'a .kql file, or a rule in YAML')
    .requiredOption('--data <input...>', 'log files, directories or globs')
    .option('--now <time>', 'the time at which it runs (default: now)', timeArgument)
    .option('--agents <file>', 'inventory that is the watchlist AgentInventory')
    .addOption(
      new Option('--format <format>', 'what to print').choices(['table', 'ndjson', 'csv']).default('table'),
    )
    .addHelpText('after', AFTER)
    .action((file: string, flags: RunFlags) => run(io, file, flags))
}

async function run(io: Io, file: string, flags: RunFlags): Promise<void> {
  const query = await queryOf(file)
  try {
    const prepared = prepare(query.text, language(logAnalyticsTables()))
    const data = new Data(await dataOf(io, flags))
    await printTable(io, prepared.run(data, { now: flags.now ?? io.now() }), flags.format)
  } catch (error) {
    if (!(error instanceof KqlError)) throw error
    throw new UsageError(`${file}:${error.line + query.line}:${error.column} ${error.message}`)
  }
}

/** The text of a query, and how many lines of the file come before it. */
async function queryOf(file: string): Promise<{ text: string; line: number }> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new UsageError(`${file}: cannot be read (${cause.code})`, { cause })
  })
  if (!/\.ya?ml$/.test(file)) return { text, line: 0 }
  const { query } = parse(text) as { query?: unknown }
  if (typeof query !== 'string') throw new UsageError(`${file}:1:1 the rule has no query`)
  return { text: query, line: text.split('\n').findIndex((line) => line.startsWith('query:')) + 1 }
}

async function dataOf(io: Io, { data, agents }: RunFlags) {
  const rows = new TableRows(
    undefined,
    tables.map(({ name }) => name),
  )
  const inputs = await resolveInputs(data)
  await readTableRows(
    inputs.map((input) => new FileSource(input, { stdin: io.stdin })),
    rows,
    io.now(),
  )
  const found = rows.tables()
  if (agents !== undefined) found.set('AgentInventory', inventoryTable(await loadInventory(agents)))
  return found
}

async function printTable(io: Io, { columns, rows }: ResultTable, format: RunFlags['format']): Promise<void> {
  const names = columns.map(({ name }) => name)
  if (format === 'ndjson') {
    for (const row of rows)
      await print(
        io.stdout,
        JSON.stringify(Object.fromEntries(row.map((value, index) => [names[index], value]))),
      )
  } else if (format === 'csv') {
    await print(io.stdout, stringify([names, ...rows.map((row) => row.map(cell))]).trimEnd())
  } else {
    const table = new Table({ head: names, style: { head: [], border: [] } })
    table.push(...rows.map((row) => row.map(cell)))
    await print(io.stdout, table.toString())
    await print(io.stderr, `${rows.length} rows`)
  }
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function timeArgument(text: string): number {
  const time = parseTime(text)
  if (time === undefined) throw new InvalidArgumentError('a time reads like 2026-11-20T03:00:00Z')
  return time
}
