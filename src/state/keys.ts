/**
 * The names of records. Ids from outside stand in JSON, which keeps every text apart from every other, halves of
 * characters included.
 */

/** Where the input stands, and how far the stream has got. */
export const HEAD = 'head'

/** What the alert policy has saved. */
export const POLICY = 'policy'

export const POSITIONS = 'position/'
export const AGENTS = 'agent/'
export const ALERTS = 'alert/'
export const SEEN = 'seen/'
export const WAITING = 'waiting/'
export const OUTBOX = 'outbox/'
export const SINKS = 'sink/'

export function positionKey(source: string, partition: string): string {
  return POSITIONS + JSON.stringify([source, partition])
}

export function agentKey({ tenantId, id }: { readonly tenantId: string; readonly id: string }): string {
  return AGENTS + JSON.stringify([tenantId, id])
}

export function alertKey(id: string): string {
  return ALERTS + id
}

/** A part of what one save added to an hour. */
export function partKey(of: typeof SEEN | typeof WAITING, hour: number, save: number, part: number): string {
  return `${of}${hour}/${save}/${part}`
}

/** The hour in the name of such a part. */
export function hourOfPart(key: string): number {
  return Number(key.split('/', 2)[1])
}

/** Sorts by sequence number. */
export function outboxKey(sequence: number): string {
  return OUTBOX + String(sequence).padStart(16, '0')
}

export function sinkKey(sink: string): string {
  return SINKS + JSON.stringify(sink)
}
