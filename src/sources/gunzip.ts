import { once } from 'node:events'
import { createGunzip, type Gunzip } from 'node:zlib'

const MAGIC = Buffer.from([0x1f, 0x8b])
/** What one call of zlib yields at most: what it had ready when it failed is lost, so not much. */
const OUTPUT_BYTES = 256 * 1024
const LEAST_INPUT_BYTES = 256
/** Bounds what one write can grow to: deflate expands at most 1,032 times. */
const MOST_INPUT_BYTES = 32 * 1024

/** True when the bytes begin like a gzip file. */
export function isGzip(head: Buffer): boolean {
  return head.subarray(0, MAGIC.length).equals(MAGIC)
}

/**
 * Uncompresses gzip, also of several members one after another. Yields all that came before a truncation,
 * and all but a sixteenth (at most 32 KiB, compressed) of what came before a corrupt byte, then throws the
 * error of zlib.
 */
export async function* gunzip(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const engine = createGunzip({ chunkSize: OUTPUT_BYTES })
  const output: Buffer[] = []
  engine.on('data', (bytes: Buffer) => output.push(bytes))
  // Waited for from the start: zeroes after the last member, as tapes add them, end the stream early.
  const ended = once(engine, 'end')
  ended.catch(() => {})
  try {
    for await (const slice of slices(chunks)) {
      await write(engine, slice)
      yield* output.splice(0)
      if (engine.readableEnded) return
    }
    // Ending apart from the last write: zlib drops what it had ready when the end comes too soon.
    engine.end()
    await ended
    yield* output.splice(0)
  } finally {
    engine.destroy()
  }
}

/** Slices that grow with the position, so that little is lost when zlib fails within one. */
async function* slices(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let read = 0
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      const size = Math.min(Math.max(LEAST_INPUT_BYTES, Math.floor(read / 16)), MOST_INPUT_BYTES)
      const slice = chunk.subarray(at, at + size)
      yield slice
      at += slice.length
      read += slice.length
    }
  }
}

/** Resolves when the bytes are uncompressed; rejects when they are no gzip. */
function write(engine: Gunzip, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    engine.once('error', reject)
    engine.write(bytes, (error) => {
      engine.off('error', reject)
      if (error) reject(error)
      else resolve()
    })
  })
}
