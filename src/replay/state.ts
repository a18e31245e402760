import { createReadStream } from 'node:fs'
import { mkdir, open, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Alert } from '../alerts/alert.js'
import type { Agent } from '../scoring/memory.js'
import type { ViewRow } from '../views/view.js'
import type { Replay } from './replay.js'

/** Version of the file's layout; a newer one is refused. */
const VERSION = 1
const FILE = 'replay-state.ndjson'

type SavedAgent = Omit<Agent, 'slots'> & { readonly memory: Readonly<Record<string, unknown>> }

/** One line of the file. */
type Line =
  | { readonly type: 'header'; readonly version: number }
  | { readonly type: 'agent'; readonly agent: SavedAgent }
  | { readonly type: 'alert'; readonly key: string; readonly hour: number; readonly alert: Alert }
  | { readonly type: 'seen'; readonly table: string; readonly hour: number; readonly ids: readonly string[] }
  | { readonly type: 'row'; readonly row: ViewRow }

/**
 * Takes up the state that an earlier part of a replay left, if there is any.
 * @throws Error if the state is damaged or of a newer version.
 */
export async function loadState(folder: string, run: Replay): Promise<void> {
  const file = join(folder, FILE)
  if (!(await stat(file).catch(() => undefined))) return
  let number = 0
  for await (const text of createInterface({
    input: createReadStream(file),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    number++
    restore(parseLine(text, `${file}:${number}:1`), run, file)
  }
}

/**
 * Saves what the next part of a replay needs: what is known of the agents, the alerts whose hour may still bring
 * more, the events seen of late, and the rows that wait. Written beside and renamed, so that the old state or
 * the new one is there, never half of one. The open alerts are also reported, as they stand.
 */
export async function saveState(
  folder: string,
  run: Replay,
  report: (alerts: readonly Alert[]) => Promise<void>,
): Promise<void> {
  await mkdir(folder, { recursive: true })
  const file = join(folder, FILE)
  const handle = await open(`${file}.new`, 'w')
  try {
    for (const line of linesOf(run)) await handle.write(`${JSON.stringify(line)}\n`)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(`${file}.new`, file)
  await report(run.stream.scorer.book.close(Number.POSITIVE_INFINITY))
}

function parseLine(text: string, place: string): Line {
  try {
    return JSON.parse(text) as Line
  } catch (cause) {
    throw new Error(`${place} the state is damaged; remove it to start anew`, { cause })
  }
}

function restore(line: Line, run: Replay, file: string): void {
  const { scorer, seen } = run.stream
  if (line.type === 'header' && line.version > VERSION) {
    throw new Error(`${file} was written by a newer version (${line.version}; this one knows ${VERSION})`)
  }
  if (line.type === 'agent') scorer.restore(agentOf(line.agent, run))
  else if (line.type === 'alert') scorer.book.restore(line.key, line.hour, line.alert)
  else if (line.type === 'seen') for (const id of line.ids) seen.add(line.table, id, line.hour)
  else if (line.type === 'row') run.stream.place(line.row)
}

function* linesOf(run: Replay): Iterable<Line> {
  const { scorer, seen, reorder } = run.stream
  yield { type: 'header', version: VERSION }
  for (const agent of scorer.agents()) yield { type: 'agent', agent: savedAgent(agent, run) }
  for (const [key, hour, alert] of scorer.book.saved()) yield { type: 'alert', key, hour, alert }
  for (const [table, hour, ids] of seen.saved()) yield { type: 'seen', table, hour, ids }
  for (const row of reorder.saved()) yield { type: 'row', row }
}

function savedAgent({ slots, ...agent }: Agent, run: Replay): SavedAgent {
  const memory: Record<string, unknown> = {}
  for (const { scope, feature, slot } of run.stream.scorer.remembered()) {
    if (slots[slot] !== undefined) memory[`${scope.key} ${feature.key}`] = feature.save(slots[slot])
  }
  return { ...agent, memory }
}

function agentOf({ memory, ...agent }: SavedAgent, run: Replay): Agent {
  const slots: unknown[] = []
  for (const { scope, feature, slot } of run.stream.scorer.remembered()) {
    const saved = memory[`${scope.key} ${feature.key}`]
    slots[slot] = saved === undefined ? undefined : feature.load(saved)
  }
  return { ...agent, slots }
}
