import type { Fatal, Gap } from '../../src/daemon/source.js'

/** The part of a port that only notes what a source tells. */
export class NotingPort {
  readonly unread = new Map<string, number | undefined>()
  readonly gaps: Gap[] = []
  readonly connections: { readonly up: boolean; readonly detail: string }[] = []
  readonly fatals: { readonly reason: Fatal; readonly error: Error }[] = []

  behind(partition: string, messages: number | undefined): void {
    this.unread.set(partition, messages)
  }

  connection(up: boolean, detail: string): void {
    this.connections.push({ up, detail })
  }

  gap(gap: Gap): void {
    this.gaps.push(gap)
  }

  fatal(reason: Fatal, error: Error): void {
    this.fatals.push({ reason, error })
  }

  /** What it said of its connection last. */
  get up(): boolean {
    return this.connections.at(-1)?.up === true
  }
}
