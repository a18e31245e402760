import type { Message, SourcePort } from '../../src/daemon/source.js'
import { NotingPort } from './noting-port.js'

/** A message that was taken: by whom, and by which of its assignments of the partition. */
interface Taking {
  readonly by: string
  readonly partition: string
  readonly offset: number
}

/** What several instances took, in the order in which they took it. */
export class Takings {
  readonly all: Taking[] = []

  /** Partitions of which somebody took a message after somebody else had taken over from him. */
  readByTwoAtOnce(): string[] {
    const partitions = new Set(this.all.map(({ partition }) => partition))
    return [...partitions].filter((name) => {
      const readers = this.all.filter(({ partition }) => partition === name).map(({ by }) => by)
      const turns = readers.filter((by, index) => by !== readers[index - 1])
      return new Set(turns).size < turns.length
    })
  }
}

/** Takes messages, as a daemon does whose state reflects a message as soon as it has come. */
export class RecordingPort extends NotingPort implements SourcePort {
  readonly name: string
  readonly taken = new Map<string, Message[]>()
  readonly saved = new Map<string, string>()
  assigned: readonly string[] = []
  /** What `take` waits for. */
  room: (partition: string) => Promise<void> = async () => {}
  readonly #takings: Takings
  readonly #turns = new Map<string, number>()

  constructor(name = 'first', takings = new Takings()) {
    super()
    this.name = name
    this.#takings = takings
  }

  position(partition: string): string | undefined {
    return this.saved.get(partition)
  }

  async assign(partitions: readonly string[]): Promise<void> {
    for (const name of partitions) {
      if (!this.assigned.includes(name)) this.#turns.set(name, (this.#turns.get(name) ?? 0) + 1)
    }
    this.assigned = partitions
  }

  take(partition: string, messages: readonly Message[]): Promise<void> {
    if (!this.assigned.includes(partition)) return Promise.resolve()
    const by = `${this.name} ${this.#turns.get(partition)}`
    for (const { position } of messages) this.#takings.all.push({ by, partition, offset: Number(position) })
    this.taken.set(partition, [...(this.taken.get(partition) ?? []), ...messages])
    const last = messages.at(-1)
    if (last) this.saved.set(partition, last.position)
    return this.room(partition)
  }

  /** Number of messages taken, of all partitions. */
  get count(): number {
    return [...this.taken.values()].reduce((sum, messages) => sum + messages.length, 0)
  }

  /** Offsets taken of a partition, in order. */
  offsets(partition: string): number[] {
    return (this.taken.get(partition) ?? []).map(({ position }) => Number(position))
  }

  /** Bodies taken of a partition, as text. */
  texts(partition: string): string[] {
    return (this.taken.get(partition) ?? []).map(({ body }) => body.toString())
  }
}
