import { getOrAdd } from '../../src/collections.js'
import type { Gap, Message, SourcePort } from '../../src/daemon/source.js'

/** A port that keeps what a source hands over, as a daemon's state would. */
export class CollectingPort implements SourcePort {
  /** Bodies by partition, in order. */
  readonly bodies = new Map<string, string[]>()
  readonly messages: Message[] = []
  readonly positions: Map<string, string>
  readonly left = new Map<string, number>()
  readonly gaps: Gap[] = []
  assigned: readonly string[] = []
  up: boolean | undefined
  /** What `take` waits for: room. */
  room: Promise<void> = Promise.resolve()

  /** @param positions those that an earlier run saved */
  constructor(positions: ReadonlyMap<string, string> = new Map()) {
    this.positions = new Map(positions)
  }

  /** All bodies, sorted: partitions are not in order among each other. */
  get all(): string[] {
    return this.messages.map(({ body }) => body.toString('utf8')).sort()
  }

  /** Whether the source said of every partition that it stands at its end. */
  get atEnd(): boolean {
    return this.assigned.length > 0 && this.assigned.every((partition) => this.left.get(partition) === 0)
  }

  position(partition: string): string | undefined {
    return this.positions.get(partition)
  }

  async assign(partitions: readonly string[]): Promise<void> {
    this.assigned = partitions
  }

  async take(partition: string, messages: readonly Message[]): Promise<void> {
    await this.room
    for (const message of messages) {
      this.messages.push(message)
      this.positions.set(partition, message.position)
      getOrAdd(this.bodies, partition, () => [] as string[]).push(message.body.toString('utf8'))
    }
  }

  behind(partition: string, messages: number): void {
    this.left.set(partition, messages)
  }

  connection(up: boolean): void {
    this.up = up
  }

  gap(gap: Gap): void {
    this.gaps.push(gap)
  }

  fatal(_: string, error: Error): void {
    throw error
  }
}
