import type { SourceState } from './silence.js'
import type { EngineStatus } from './status.js'

/** How each source stands, as the watch for silence wants to know it. */
export function sourceStates(sources: readonly string[], status: EngineStatus): SourceState[] {
  return sources.map((name) => {
    const own = status.partitions.filter(({ source }) => source === name)
    const read = own.filter(({ assigned }) => assigned)
    return {
      name,
      connected: status.connections.get(name)?.up === true,
      scored: own.reduce((sum, { messages }) => sum + messages, 0),
      partitions: new Map(
        read.map(({ partition, messages, behind = 0 }) => [partition, { scored: messages, behind }]),
      ),
    }
  })
}
