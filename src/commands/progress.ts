import { Presets, SingleBar } from 'cli-progress'
import type { Io } from './io.js'

/** Shows how far a long job has come. */
export interface Progress {
  /** @param done how much of the total is done @param note a word on what was found so far */
  update(done: number, note: string): void
  stop(): void
}

const SILENT: Progress = { update: () => {}, stop: () => {} }

/** A bar on standard error with an estimate of the time left; nothing where nobody watches. */
export function progressBar(io: Io, total: number, quiet: boolean): Progress {
  if (quiet || !io.interactive || total <= 0) return SILENT
  const bar = new SingleBar(
    {
      format: '  {bar} {percentage}% · {eta_formatted} left · {note}',
      stream: io.stderr as NodeJS.WritableStream,
      hideCursor: true,
      clearOnComplete: true,
      etaBuffer: 50,
    },
    Presets.shades_classic,
  )
  bar.start(total, 0, { note: '' })
  return { update: (done, note) => bar.update(Math.min(done, total), { note }), stop: () => bar.stop() }
}
