import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { access, mkdir, open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { Alert } from '../alerts/alert.js'
import { agentOf, fullName, type SavedAgent, savedAgent } from '../scoring/saved-agent.js'
import type { ViewRow } from '../views/view.js'
import type { Replay } from './replay.js'
import type { StreamPosition } from './stream.js'

/** Version of the file's layout; a newer one is refused. */
const VERSION = 2
/** Name of the file in the folder of a state. */
export const STATE_FILE = 'replay-state.ndjson'

interface Header {
  readonly type: 'header'
  readonly version: number
  readonly position: StreamPosition
}

/** An alert whose hour may still bring more, and how many rows it had when it was reported last. */
interface SavedAlert {
  readonly type: 'alert'
  readonly key: string
  readonly hour: number
  readonly alert: Alert
  readonly reported?: number
}

/** One line of the file. The last one has the hash of all before it, so that damage is noticed. */
type Line =
  | Header
  | SavedAlert
  | { readonly type: 'agent'; readonly agent: SavedAgent }
  | { readonly type: 'seen'; readonly table: string; readonly hour: number; readonly ids: readonly string[] }
  | { readonly type: 'row'; readonly row: ViewRow }
  | { readonly type: 'end'; readonly sha256: string }

/**
 * Takes up the state that an earlier part of a replay left, if there is any.
 * @throws Error if the state is damaged or of a newer version.
 */
export async function loadState(folder: string, run: Replay): Promise<void> {
  const file = join(folder, STATE_FILE)
  if (!(await exists(file))) return
  const hash = createHash('sha256')
  let number = 0
  let ended = false
  for await (const text of linesOf(file)) {
    const line = parseLine(text, `${file}:${++number}:1`)
    if (number === 1) checkHeader(line, file)
    if (ended || (line.type === 'end' && line.sha256 !== hash.digest('hex')))
      throw damaged(`${file}:${number}:1`)
    ended = line.type === 'end'
    if (ended) continue
    hash.update(text)
    restoreLine(line, run, `${file}:${number}:1`)
  }
  if (!ended) throw damaged(`${file}:${number + 1}:1`)
}

/**
 * Saves what the next part of a replay needs: how far this one got, what is known of the agents, the alerts whose
 * hour may still bring more, the events seen of late, and the rows that wait. Written beside and renamed, so that
 * the old state or the new one is there, never half of one. To be called once all alerts are reported: a part that
 * broke off before is repeated, and reports them again under the same ids.
 */
export async function saveState(folder: string, run: Replay): Promise<void> {
  await mkdir(folder, { recursive: true })
  const file = join(folder, STATE_FILE)
  const hash = createHash('sha256')
  const handle = await open(`${file}.new`, 'w')
  try {
    for (const line of stateOf(run)) {
      const text = JSON.stringify(line)
      hash.update(text)
      await handle.write(`${text}\n`)
    }
    await handle.write(`${JSON.stringify({ type: 'end', sha256: hash.digest('hex') } satisfies Line)}\n`)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(`${file}.new`, file)
}

async function exists(file: string): Promise<boolean> {
  try {
    await access(file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

/** Lines end at line feeds only: a name in the state may hold any other sort of line break. */
async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of createReadStream(file, { encoding: 'utf8', highWaterMark: 1024 * 1024 })) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop()!
    yield* lines
  }
  if (rest !== '') yield rest
}

function damaged(place: string, cause?: unknown): Error {
  return new Error(`${place} the state is damaged; remove it to start anew`, { cause })
}

function parseLine(text: string, place: string): Line {
  try {
    const line: Line | null = JSON.parse(text)
    if (typeof line?.type === 'string') return line
  } catch (cause) {
    throw damaged(place, cause)
  }
  throw damaged(place)
}

function checkHeader(line: Line, file: string): void {
  if (line.type !== 'header' || !Number.isInteger(line.version)) throw damaged(`${file}:1:1`)
  if (line.version <= VERSION) return
  throw new Error(`${file} was written by a newer version (${line.version}; this one knows ${VERSION})`)
}

function restoreLine(line: Line, run: Replay, place: string): void {
  try {
    restore(line, run)
  } catch (cause) {
    throw damaged(place, cause)
  }
}

function restore(line: Line, run: Replay): void {
  const { scorer, seen } = run.stream
  if (line.type === 'header') run.stream.resume(line.position)
  else if (line.type === 'agent') scorer.restore(agentOf(line.agent, scorer.remembered(), fullName))
  else if (line.type === 'alert') restoreAlert(line, run)
  else if (line.type === 'seen') for (const id of line.ids) seen.add(line.table, id, line.hour)
  else if (line.type === 'row') run.stream.place(line.row)
}

function restoreAlert({ key, hour, alert, reported }: SavedAlert, run: Replay): void {
  run.stream.scorer.book.restore(key, hour, alert)
  if (reported !== undefined) run.reported.set(alert.id, reported)
}

function* stateOf(run: Replay): Iterable<Line> {
  const { scorer, seen, reorder, position } = run.stream
  yield { type: 'header', version: VERSION, position }
  const remembered = scorer.remembered()
  for (const agent of scorer.agents()) yield { type: 'agent', agent: savedAgent(agent, remembered, fullName) }
  for (const [key, hour, alert] of scorer.book.saved()) yield savedAlert(key, hour, alert, run)
  for (const [table, hour, ids] of seen.saved()) yield { type: 'seen', table, hour, ids }
  for (const row of reorder.saved()) yield { type: 'row', row }
}

function savedAlert(key: string, hour: number, alert: Alert, run: Replay): SavedAlert {
  const reported = run.reported.get(alert.id)
  return { type: 'alert', key, hour, alert, ...(reported === undefined ? {} : { reported }) }
}
