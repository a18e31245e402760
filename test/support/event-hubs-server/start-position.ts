import type { PartitionLog } from './partition-log.js'

const SELECTOR = /^amqp\.annotation\.x-opt-(offset|sequence-number|enqueued-time) (>=?) '(@latest|-?\d+)'$/

/**
 * Sequence number at which a reader begins, by the selector of its link.
 * @throws Error for a selector that the service would not take, or for one beyond the end.
 */
export function startOf(selector: string, log: PartitionLog): number {
  const [, unit, comparison, value] = SELECTOR.exec(selector) ?? []
  if (value === undefined) throw new Error(`not a selector: ${selector}`)
  if (value === '@latest') return log.lastSequence + 1
  const after = comparison === '>' ? 1 : 0
  if (unit === 'enqueued-time') return log.first(({ enqueued }) => enqueued >= Number(value) + after)
  if (unit === 'offset') return log.first(({ offset }) => Number(offset) >= Number(value) + after)
  if (Number(value) > log.lastSequence)
    throw new Error(`the last sequence number in the system is ${log.lastSequence}, got ${value}`)
  return Number(value) + after
}
