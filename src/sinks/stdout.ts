import type { Writable } from 'node:stream'
import { z } from 'zod'
import { durationSetting } from '../config/duration.js'
import { defineSink, type Surroundings } from '../daemon/kind.js'
import type { OutgoingAlert, Sink } from '../daemon/sink.js'
import { lineFormatSetting, linesOf } from './line.js'
import { OneAtATime } from './one-at-a-time.js'

const settings = z.object({
  format: lineFormatSetting,
  timeout: durationSetting('100ms', '1m')
    .prefault('10s')
    .describe('How long the reader may take before the alerts are tried again.'),
})

/** Standard output. While its reader is away, or reads nothing, alerts stay in the outbox. */
export const sink = defineSink({
  kind: 'stdout',
  settings,
  open: (name, chosen, around) => new StreamSink(name, chosen, around, process.stdout),
})

/** Writes alerts as lines to a stream that somebody else opens and closes. */
export class StreamSink implements Sink {
  readonly name: string
  readonly batch = 100
  readonly #settings: z.output<typeof settings>
  readonly #stream: Writable
  readonly #writes = new OneAtATime()

  constructor(name: string, chosen: z.output<typeof settings>, around: Surroundings, stream: Writable) {
    this.name = name
    this.#settings = chosen
    this.#stream = stream
    // Without a listener a reader that went away (EPIPE) would end the process.
    stream.on('error', () => around.count('errors'))
  }

  /** What the stream still holds of an earlier call is waited for, so that a blocked reader fills no memory. */
  async deliver(alerts: readonly OutgoingAlert[], signal: AbortSignal): Promise<void> {
    const text = linesOf(alerts, this.#settings.format)
    await this.#writes.run(this.#settings.timeout, signal, () => written(this.#stream, text))
  }

  async close(): Promise<void> {}
}

/** Resolves when the stream has passed a text on. @throws Error if it could not. */
export function written(stream: Writable, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => (error ? reject(error) : resolve()))
  })
}
