import type { PieceSource } from '../replay/merge.js'
import type { Replay } from '../replay/replay.js'
import { FileSource } from '../sources/files.js'
import { type Input, STDIN } from '../sources/inputs.js'
import type { Io } from './io.js'
import { type Progress, progressBar } from './progress.js'

/** Reads logs into a replay, and shows how far it is. */
export async function readInputs(
  io: Io,
  inputs: readonly Input[],
  run: Replay,
  quiet: boolean,
): Promise<void> {
  const files = inputs.map((input) => new FileSource(input, { stdin: io.stdin }))
  const total = inputs.reduce((sum, { size }) => sum + (size ?? 0), 0)
  const progress = progressBar(io, total, quiet)
  try {
    await run.read(files.map((file, index) => watched(file, inputs[index]!, files, run, progress)))
  } finally {
    progress.stop()
  }
}

/** A source that moves the progress bar as it is read. */
function watched(
  file: FileSource,
  input: Input,
  all: readonly FileSource[],
  run: Replay,
  progress: Progress,
): PieceSource {
  return {
    name: file.name,
    once: input.path === STDIN,
    async *pieces() {
      for await (const pieces of file.pieces()) {
        const done = all.reduce((sum, { read }) => sum + read, 0)
        progress.update(done, `${run.stream.counters.rows.toLocaleString('en-US')} agent rows`)
        yield pieces
      }
    },
  }
}
