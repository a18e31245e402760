/**
 * One element of `records[]` as Event Hubs delivers it, with the envelope's keys as Entra writes them and
 * `properties` always an object. Everything inside comes from outside and has no type yet.
 */
export interface LogRecord {
  readonly category: string
  readonly properties: Readonly<Record<string, unknown>>
  readonly [key: string]: unknown
}

/** Why an input did not become a row. */
export type RejectionReason =
  | 'too-large'
  | 'incomplete'
  | 'invalid-utf8'
  | 'invalid-json'
  | 'too-deep'
  | 'not-an-object'
  | 'no-category'
  | 'wrong-type'
  | 'implausible-time'
  | 'no-event-time'

/** A message or record that could not be read: the reason as a code, and a sentence for a person. */
export interface Rejection {
  readonly reason: RejectionReason
  readonly detail: string
  /** Place in `records[]`, counted from 0; absent when the whole message is at fault. */
  readonly index?: number
  /** The record, where it is not the whole message that is at fault. */
  readonly record?: unknown
}

/** Thrown by whatever finds a record unusable; carries what the dead letter says. */
export class RecordError extends Error {
  readonly reason: RejectionReason
  constructor(reason: RejectionReason, detail: string) {
    super(detail)
    this.name = 'RecordError'
    this.reason = reason
  }
}
