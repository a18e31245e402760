import { createWriteStream, type WriteStream } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { finished } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { Command, InvalidArgumentError } from 'commander'
import { stringify } from 'yaml'
import {
  attackNames,
  FURTHER_FROM,
  firstAttackNames,
  messages,
  type Simulation,
  simulate,
} from '../simulate/index.js'
import { type Io, print, UsageError, write } from './io.js'
import { progressBar } from './progress.js'

interface SimulateFlags {
  readonly out: string
  readonly agents: number
  readonly days: number
  readonly seed: number
  readonly attacks: string
  readonly gzip?: boolean
  readonly json?: boolean
  readonly quiet?: boolean
}

const AFTER = `
Attacks: ${firstAttackNames.join(', ')};
and, with ${FURTHER_FROM} agents or more: ${attackNames.filter((name) => !firstAttackNames.includes(name)).join(', ')}

Writes a folder for each category with a file a day of Event Hubs messages, labels.ndjson with what was an attack
(agent, from, to, attack), changes.ndjson with what the owners of agents meant to change (agent, at, change, adds), and
agents.yaml with the inventory. The same options give the same bytes.

Examples:
  agentwarden simulate --out tenant --agents 50 --days 21 --seed 1
  agentwarden simulate --out tenant --agents 20 --days 18 --seed 2 --attacks new-country,off-hours --gzip`

/** `agentwarden simulate`: a made-up tenant's logs, with attacks whose truth is known. */
export function simulateCommand(io: Io): Command {
  return new Command('simulate')
    .description("write a made-up tenant's logs in the wire format, with labelled attacks")
    .requiredOption('--out <dir>', 'where to write')
    .option('--agents <n>', 'how many agents', wholeNumber, 50)
    .option('--days <n>', 'how many days', wholeNumber, 21)
    .option('--seed <n>', 'which tenant', wholeNumber, 1)
    .option('--attacks <names>', 'all, none, or names separated by commas', 'all')
    .option('--gzip', 'compress the files')
    .option('--json', 'print how much was written as JSON')
    .option('--quiet', 'no progress')
    .addHelpText('after', AFTER)
    .action(async (flags: SimulateFlags) => simulateTo(io, flags))
}

async function simulateTo(io: Io, flags: SimulateFlags): Promise<void> {
  const simulation = start(flags)
  const progress = progressBar(io, flags.days, flags.quiet === true)
  const files = new DayFiles(flags.out, flags.gzip === true)
  let count = 0
  for (const { file, text } of messages(simulation)) {
    await files.write(file, `${text}\n`)
    count++
    progress.update(files.daysDone, `${count.toLocaleString('en-US')} messages`)
  }
  await files.close()
  progress.stop()
  await writeTruth(flags.out, simulation)
  const { labels, inventory } = simulation
  const written = { messages: count, attacks: labels.length, agents: inventory.length }
  if (flags.json) await print(io.stdout, JSON.stringify(written))
  if (!flags.quiet) await print(io.stderr, `${count} messages, ${labels.length} attacks in ${flags.out}`)
}

function start({ agents, days, seed, attacks }: SimulateFlags): Simulation {
  const wanted =
    attacks === 'all' || attacks === 'none' ? attacks : attacks.split(',').map((name) => name.trim())
  try {
    return simulate({ agents, days, seed, attacks: wanted })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

async function writeTruth(folder: string, { labels, changes, inventory }: Simulation): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'labels.ndjson'), linesOf(labels))
  await writeFile(join(folder, 'changes.ndjson'), linesOf(changes))
  await writeFile(join(folder, 'agents.yaml'), stringify({ agents: inventory }))
}

function linesOf(objects: readonly object[]): string {
  return objects.map((one) => `${JSON.stringify(one)}\n`).join('')
}

/** A file for each category and day; those of days gone by are closed, so that few are open at a time. */
class DayFiles {
  readonly #folder: string
  readonly #gzip: boolean
  readonly #open = new Map<
    string,
    { path: string; end: () => Promise<void>; stream: NodeJS.WritableStream }
  >()
  readonly #days = new Set<string>()

  constructor(folder: string, gzip: boolean) {
    this.#folder = folder
    this.#gzip = gzip
  }

  get daysDone(): number {
    return this.#days.size
  }

  /** @param file like `ServicePrincipalSignInLogs/2026-10-05.ndjson` */
  async write(file: string, line: string): Promise<void> {
    const category = dirname(file)
    const open = this.#open.get(category)
    if (open && open.path !== file) await this.#close(category)
    const { stream } = this.#open.get(category) ?? (await this.#start(category, file))
    await write(stream as WriteStream, line)
  }

  async close(): Promise<void> {
    for (const category of [...this.#open.keys()]) await this.#close(category)
  }

  async #start(category: string, file: string) {
    const target = join(this.#folder, this.#gzip ? `${file}.gz` : file)
    await mkdir(dirname(target), { recursive: true })
    await rm(target, { force: true })
    const disk = createWriteStream(target)
    const stream = this.#gzip ? createGzip({ level: 9 }) : disk
    if (stream !== disk) stream.pipe(disk)
    const end = async () => {
      stream.end()
      await finished(disk)
    }
    const made = { path: file, end, stream }
    this.#open.set(category, made)
    this.#days.add(file.slice(category.length + 1))
    return made
  }

  async #close(category: string): Promise<void> {
    await this.#open.get(category)?.end()
    this.#open.delete(category)
  }
}

function wholeNumber(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError('must be a whole number')
  return value
}
