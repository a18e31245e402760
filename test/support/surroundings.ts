import { pino } from 'pino'
import type { Surroundings } from '../../src/daemon/kind.js'

/** Surroundings that keep what is counted, and what is logged, a line of JSON each. */
export interface NotingSurroundings extends Surroundings {
  readonly counts: Map<string, number>
  readonly logged: string[]
}

export function surroundings(): NotingSurroundings {
  const counts = new Map<string, number>()
  const logged: string[] = []
  const log = pino({ level: 'debug' }, { write: (line: string) => logged.push(line) })
  const count = (event: string, by = 1) => void counts.set(event, (counts.get(event) ?? 0) + by)
  return { log, count, counts, logged }
}
