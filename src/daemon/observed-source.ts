import type { Source, SourcePort } from './source.js'

/** A source of which is known whether it has said what it reads. */
export class ObservedSource implements Source {
  readonly name: string
  /** Whether it has said which partitions it reads: before, having none means nothing. */
  assigned = false
  readonly #source: Source

  constructor(source: Source) {
    this.name = source.name
    this.#source = source
  }

  start(port: SourcePort): Promise<void> {
    return this.#source.start({
      position: (partition) => port.position(partition),
      assign: (partitions) => {
        this.assigned = true
        return port.assign(partitions)
      },
      take: (partition, messages) => port.take(partition, messages),
      behind: (partition, messages) => port.behind(partition, messages),
      connection: (up, detail) => port.connection(up, detail),
      gap: (gap) => port.gap(gap),
      fatal: (reason, error) => port.fatal(reason, error),
    })
  }

  async saved(positions: ReadonlyMap<string, string>): Promise<void> {
    await this.#source.saved?.(positions)
  }

  stop(): Promise<void> {
    return this.#source.stop()
  }
}
