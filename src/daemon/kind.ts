import type { Logger } from 'pino'
import type { z } from 'zod'
import type { Sink } from './sink.js'
import type { Source } from './source.js'

/** What a source or sink may use of its surroundings. */
export interface Surroundings {
  readonly log: Logger
  /** Counts an event of this source or sink under a short fixed name, such as `reconnects`: shown as a metric. */
  count(event: string, by?: number): void
}

/**
 * A sort of source: one file in `src/sources/`. The configuration names it by `kind`; everything about it, its settings
 * with their defaults and meanings included, stands in that file.
 */
export interface SourceKind<Schema extends z.ZodObject = z.ZodObject> {
  readonly kind: string
  /** Its settings without `kind` and `name`; every one with a description, for the schema that users see. */
  readonly settings: Schema
  /** Makes a source; connects to nothing yet. @throws Error for settings that can't be used. */
  open(name: string, settings: z.output<Schema>, around: Surroundings): Source
  /** Tries to connect and says what there is in one line (`entra-logs: 4 partitions`); rejects with what is wrong. */
  check(settings: z.output<Schema>, around: Surroundings): Promise<string>
}

/** A sort of sink: one file in `src/sinks/`; otherwise like `SourceKind`. */
export interface SinkKind<Schema extends z.ZodObject = z.ZodObject> {
  readonly kind: string
  readonly settings: Schema
  open(name: string, settings: z.output<Schema>, around: Surroundings): Sink
  /** Ids of the detections that its settings name: a daemon does not start with one that there is not. */
  detections?(settings: z.output<Schema>): readonly string[]
}

/** Fixes the types of a source kind. */
export function defineSource<Schema extends z.ZodObject>(kind: SourceKind<Schema>): SourceKind<Schema> {
  return kind
}

/** Fixes the types of a sink kind. */
export function defineSink<Schema extends z.ZodObject>(kind: SinkKind<Schema>): SinkKind<Schema> {
  return kind
}
