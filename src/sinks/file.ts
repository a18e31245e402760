import { Buffer } from 'node:buffer'
import { type FileHandle, open } from 'node:fs/promises'
import { dirname, parse, resolve } from 'node:path'
import { createStream, type RotatingFileStream } from 'rotating-file-stream'
import { z } from 'zod'
import { durationSetting } from '../config/duration.js'
import { defineSink } from '../daemon/kind.js'
import type { OutgoingAlert, Sink } from '../daemon/sink.js'
import { lineFormatSetting, linesOf } from './line.js'
import { OneAtATime } from './one-at-a-time.js'
import { written } from './stdout.js'

const settings = z.object({
  path: z.string().min(1).describe('The file that alerts are added to. Its folder is made if there is none.'),
  format: lineFormatSetting,
  rotate_bytes: z
    .int()
    .min(1_000)
    .default(100_000_000)
    .describe('The file is renamed, and a new one begun, when it has so many bytes.'),
  rotate_every: z
    .enum(['hour', 'day', 'month'])
    .optional()
    .describe('The file is also renamed at the start of each hour, day or month, UTC.'),
  keep: z
    .int()
    .min(1)
    .max(10_000)
    .default(30)
    .describe('How many renamed files are kept; older ones are deleted.'),
  timeout: durationSetting('100ms', '10m')
    .prefault('30s')
    .describe('How long the disk may take before the alerts are tried again.'),
})

type Settings = z.output<typeof settings>

const INTERVALS = { hour: '1h', day: '1d', month: '1M' } as const

/** A file of lines, rotated. An alert counts as delivered once it is on disk. */
export const sink = defineSink({
  kind: 'file',
  settings,
  open: (name, chosen) => new FileSink(name, chosen),
})

/**
 * Adds lines to a file and forces them to disk. The stream is opened when there is something to write, and given up
 * after any failure: the next call then begins on a line of its own, whatever the failure, or a crash, has left.
 */
class FileSink implements Sink {
  readonly name: string
  readonly batch = 100
  readonly #settings: Settings
  readonly #path: string
  readonly #writes = new OneAtATime()
  #stream: RotatingFileStream | undefined
  /** Names that the file was given since the last write began. */
  #rotated: string[] = []
  /** Whether the file was made since its folder was last forced to disk. */
  #isNew = true

  constructor(name: string, chosen: Settings) {
    this.name = name
    this.#settings = chosen
    this.#path = resolve(chosen.path)
  }

  async deliver(alerts: readonly OutgoingAlert[], signal: AbortSignal): Promise<void> {
    const text = linesOf(alerts, this.#settings.format)
    await this.#writes.run(this.#settings.timeout, signal, () => this.#write(text))
  }

  async check(): Promise<void> {
    await this.#writes.run(this.#settings.timeout, new AbortController().signal, () => this.#write(''))
  }

  async close(): Promise<void> {
    const never = new AbortController().signal
    await this.#writes.run(this.#settings.timeout, never, () => this.#giveUp()).catch(() => {})
  }

  async #write(text: string): Promise<void> {
    try {
      this.#stream ??= await this.#open()
      this.#rotated = []
      await written(this.#stream, text)
      await this.#force(Buffer.from(text))
    } catch (error) {
      await this.#giveUp()
      throw error
    }
  }

  /** The stream takes a short write, as on a full disk, for a whole one: so the end of the file is looked at. */
  async #force(text: Buffer): Promise<void> {
    const ends = await Promise.all([this.#path, ...this.#rotated].map((path) => endsOnDisk(path, text)))
    if (!ends.includes(true)) throw new Error(`${this.#path} took only a part of what was written`)
    if (this.#isNew) await forceFolder(dirname(this.#path))
    this.#isNew = false
  }

  async #open(): Promise<RotatingFileStream> {
    await endLastLine(this.#path)
    const { dir, base } = parse(this.#path)
    const { rotate_bytes, rotate_every, keep } = this.#settings
    const stream = createStream(nameOf(this.#path), {
      path: dir,
      size: `${rotate_bytes}B`,
      maxFiles: keep,
      history: `.${base}.history`,
      intervalUTC: true,
      // Named after, and renamed at a start after, the interval that its alerts are of.
      ...(rotate_every && {
        interval: INTERVALS[rotate_every],
        intervalBoundary: true,
        initialRotation: true,
      }),
    })
    stream.on('rotated', (path) => this.#rotated.push(path))
    stream.on('open', () => {
      this.#isNew = true
    })
    // A failure is also that of the write; without a listener it would end the process.
    stream.on('error', () => {})
    return stream
  }

  async #giveUp(): Promise<void> {
    const stream = this.#stream
    this.#stream = undefined
    if (!stream || stream.closed) return
    await new Promise<void>((closed) => {
      stream.once('close', closed)
      stream.destroy()
    })
  }
}

/** `alerts.ndjson`, and `alerts.20261120T030000Z.1.ndjson` once it is renamed. */
function nameOf(path: string): (time: number | Date | null, index?: number) => string {
  const { base, name, ext } = parse(path)
  return (time, index) =>
    time === null ? base : `${name}.${new Date(time).toISOString().replace(/[-:]|\.\d+/g, '')}.${index}${ext}`
}

/** Forces a file to disk. Whether it then ends in a text; not if there is no such file. */
async function endsOnDisk(path: string, text: Buffer): Promise<boolean> {
  return withFile(path, false, async (file) => {
    await file.sync()
    const { size } = await file.stat()
    if (size < text.length) return false
    return (await bytesAt(file, size - text.length, text.length)).equals(text)
  })
}

/** A crash, or a full disk, may have left a line without its end: what follows it is to stand on a line of its own. */
async function endLastLine(path: string): Promise<void> {
  await withFile(path, undefined, async (file) => {
    const { size } = await file.stat()
    if (size > 0 && (await bytesAt(file, size - 1, 1)).toString() !== '\n') await file.write('\n', size)
  })
}

async function bytesAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position)
  return buffer.subarray(0, bytesRead)
}

async function withFile<T>(path: string, missing: T, use: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path, 'r+').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (!file) return missing
  try {
    return await use(file)
  } finally {
    await file.close()
  }
}

/** Makes a new name in a folder lasting. Windows can't, and needs not. */
async function forceFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
