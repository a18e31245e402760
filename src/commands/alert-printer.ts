import { type Alert, atLeast, type Severity } from '../alerts/alert.js'
import { toOcsf } from '../alerts/ocsf.js'
import { increment } from '../collections.js'
import { alertTable } from '../sinks/alert-table.js'
import { type Io, print, write } from './io.js'
import { LazyFile } from './lazy-file.js'

/** Where alerts go, and as what. */
export interface PrinterFlags {
  readonly format: 'table' | 'ndjson' | 'ocsf'
  readonly out?: string
  readonly failOn?: Severity
}

/** Puts alerts where the flags want them, and counts them. */
export class AlertPrinter {
  readonly counts = new Map<string, number>()
  /** Whether an alert was as severe as `--fail-on` says. */
  reached = false
  readonly #io: Io
  readonly #flags: PrinterFlags
  readonly #file: LazyFile | undefined
  readonly #shown: Alert[] = []

  constructor(io: Io, flags: PrinterFlags) {
    this.#io = io
    this.#flags = flags
    this.#file = flags.out === undefined ? undefined : new LazyFile(flags.out)
  }

  /** Opens the file, also if nothing will be written to it. */
  start(): void {
    this.#file?.open()
  }

  async add(alerts: readonly Alert[]): Promise<void> {
    const { format, failOn } = this.#flags
    for (const alert of alerts) {
      increment(this.counts, alert.detection)
      this.reached ||= failOn !== undefined && atLeast(alert.severity, failOn)
      const line = `${JSON.stringify(format === 'ocsf' ? toOcsf(alert) : alert)}\n`
      this.#file?.write(line)
      if (format === 'table') this.#shown.push(alert)
      else if (!this.#file) await write(this.#io.stdout, line)
    }
  }

  async finish(): Promise<void> {
    if (this.#flags.format === 'table') {
      await print(this.#io.stdout, alertTable(this.#shown, this.#io.columns ?? 160))
    }
    this.#file?.close()
  }
}
