import type { Simulation } from './simulate.js'
import { MINUTE } from './time.js'

/** One Event Hubs message: `text` is a line without its newline, `file` where an archive would keep it. */
export interface Message {
  readonly category: string
  readonly file: string
  readonly text: string
}

/** Entra's messages hold up to about 256 KB; room is left for the frame. */
const mostBytes = 230_000
const longestWait = 5 * MINUTE
const frame = '{"records":[]}'.length

interface Batch {
  readonly first: number
  readonly lines: string[]
  bytes: number
}

function message(category: string, batch: Batch): Message {
  const day = new Date(batch.first).toISOString().slice(0, 10)
  return { category, file: `${category}/${day}.ndjson`, text: `{"records":[${batch.lines.join(',')}]}` }
}

/** The records as Event Hubs carries them: per category, at most 230 KB and five minutes of arrival a message. */
export function* messages(simulation: Pick<Simulation, 'records'>): Generator<Message> {
  const open = new Map<string, Batch>()
  for (const { category, arrival, record } of simulation.records()) {
    const line = JSON.stringify(record)
    const bytes = Buffer.byteLength(line) + 1
    for (const [name, batch] of open) {
      const full = name === category && batch.bytes + bytes > mostBytes
      if (!full && arrival - batch.first < longestWait) continue
      yield message(name, batch)
      open.delete(name)
    }
    const batch = open.get(category) ?? { first: arrival, lines: [], bytes: frame }
    batch.lines.push(line)
    batch.bytes += bytes
    open.set(category, batch)
  }
  for (const [name, batch] of open) yield message(name, batch)
}
