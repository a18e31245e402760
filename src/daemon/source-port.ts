import type { PartitionQueues } from './queues.js'
import type { Fatal, Gap, Message, Source, SourcePort } from './source.js'

/** What the calls of sources set off. */
export interface PortEvents {
  /** Something new waits, or is waited for no longer. */
  changed(): void
  connection(source: string, up: boolean, detail: string): void
  gap(source: string, gap: Gap): void
  fatal(reason: Fatal, error: Error): void
}

/** What the engine offers to one source: see `SourcePort`. */
export function sourcePort({ name }: Source, queues: PartitionQueues, events: PortEvents): SourcePort {
  return {
    position: (partition) => queues.of(name, partition).position,
    // Messages are scored one by one and never across a pause: none is in work between two calls.
    assign: async (partitions) => {
      queues.assign(name, partitions)
      events.changed()
    },
    take: (partition, messages) => {
      const room = queues.take(queues.of(name, partition), messages as Message[])
      events.changed()
      return room
    },
    behind: (partition, messages) => {
      queues.behind(queues.of(name, partition), messages)
      events.changed()
    },
    connection: (up, detail) => events.connection(name, up, detail),
    gap: (gap) => events.gap(name, gap),
    fatal: (reason, error) => events.fatal(reason, error),
  }
}
