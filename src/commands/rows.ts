import { createWriteStream, type WriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { Command } from 'commander'
import { getOrAdd, increment } from '../collections.js'
import { decodeMessage, rejection, timeBounds } from '../records/decode.js'
import type { Rejection } from '../records/record.js'
import { deadLetter, deadLetterLine } from '../replay/dead-letters.js'
import { FileSource } from '../sources/files.js'
import { resolveInputs } from '../sources/inputs.js'
import type { Piece } from '../sources/splitter.js'
import { rowMaker, type Table } from '../tables/table.js'
import { type Io, print, write } from './io.js'
import { progressBar } from './progress.js'

interface RowsFlags {
  readonly out: string
  readonly json?: boolean
  readonly quiet?: boolean
}

const AFTER = `
Example:
  agentwarden rows samples --out rows && head -1 rows/AADServicePrincipalSignInLogs.ndjson

Every column of the published schema that the record fills; times in ISO 8601, dynamic columns as JSON. What could
not be read is in dead-letters.ndjson beside the tables. Exit code: 0 done, 1 an input broke off, 2 wrong usage.`

/** `agentwarden rows`: records as the Log Analytics tables would hold them. */
export function rowsCommand(io: Io, exit: (code: number) => void): Command {
  return new Command('rows')
    .description('write records as the rows of their Log Analytics tables')
    .argument('<input...>', 'files, directories, globs, or - for standard input')
    .requiredOption('--out <dir>', 'where to write one NDJSON file a table')
    .option('--json', 'print how many rows each file has, and how many were passed over, as JSON')
    .option('--quiet', 'no progress and no summary')
    .addHelpText('after', AFTER)
    .action(async (patterns: string[], flags: RowsFlags) => exit(await rows(io, patterns, flags)))
}

async function rows(io: Io, patterns: string[], flags: RowsFlags): Promise<number> {
  const inputs = await resolveInputs(patterns)
  const writer = new RowWriter(flags.out, io.now())
  await mkdir(flags.out, { recursive: true })
  const progress = progressBar(
    io,
    inputs.reduce((sum, { size }) => sum + (size ?? 0), 0),
    flags.quiet === true,
  )
  const failures: string[] = []
  let before = 0
  for (const input of inputs) {
    const source = new FileSource(input, { stdin: io.stdin })
    try {
      for await (const pieces of source.pieces()) {
        for (const piece of pieces) await writer.take(piece, source.name)
        progress.update(before + source.read, `${writer.total.toLocaleString('en-US')} rows`)
      }
    } catch (error) {
      failures.push((error as Error).message)
    }
    before += source.read
  }
  progress.stop()
  await writer.close()
  if (flags.json) await print(io.stdout, JSON.stringify(writer.summary(), undefined, 2))
  if (!flags.quiet) for (const line of writer.lines()) await print(io.stderr, line)
  for (const failure of failures) await print(io.stderr, `error: ${failure}`)
  return failures.length > 0 ? 1 : 0
}

/** Writes the rows of each table, and what could not be read, to a file of its own. */
class RowWriter {
  readonly #counts = new Map<string, number>()
  readonly #passedOver = new Map<string, number>()
  total = 0
  readonly #folder: string
  readonly #bounds: ReturnType<typeof timeBounds>
  readonly #files = new Map<string, WriteStream>()
  readonly #makers = new Map<Table, ReturnType<typeof rowMaker>>()

  constructor(folder: string, now: number) {
    this.#folder = folder
    this.#bounds = timeBounds(now)
  }

  /** What was written, by file; and the records of categories that have no table here. */
  summary(): object {
    return { files: Object.fromEntries(this.#counts), passedOver: Object.fromEntries(this.#passedOver) }
  }

  /** The same for people. */
  lines(): string[] {
    const over = Array.from(this.#passedOver, ([name, count]) => [`(passed over: ${name})`, count] as const)
    return [...this.#counts, ...over].map(([name, count]) => `${String(count).padStart(9)}  ${name}`)
  }

  async take(piece: Piece, source: string): Promise<void> {
    if (piece.problem)
      return this.#reject({ reason: piece.problem, detail: `${piece.length} bytes` }, source, piece)
    const { records, rejected, unknown } = decodeMessage(piece.bytes, this.#bounds)
    for (const one of rejected) await this.#reject(one, source, piece)
    for (const category of unknown) increment(this.#passedOver, category)
    for (const { table, record, index } of records) {
      try {
        const row = getOrAdd(this.#makers, table, () => rowMaker(table))(record)
        await this.#write(`${table.name}.ndjson`, `${JSON.stringify(row)}\n`)
        this.total++
      } catch (error) {
        await this.#reject(rejection(error, { index, record }), source, piece)
      }
    }
  }

  async close(): Promise<void> {
    for (const stream of this.#files.values()) {
      stream.end()
      await finished(stream)
    }
  }

  async #reject(rejected: Rejection, source: string, piece: Piece): Promise<void> {
    await this.#write('dead-letters.ndjson', deadLetterLine(deadLetter(rejected, source, piece)))
  }

  async #write(file: string, line: string): Promise<void> {
    increment(this.#counts, file)
    await write(
      getOrAdd(this.#files, file, () => createWriteStream(join(this.#folder, file))),
      line,
    )
  }
}
