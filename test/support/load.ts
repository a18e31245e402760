import type { Sent } from './broker.js'
import { type SimulatedRecord, simulatedRecords } from './simulated.js'

/** Records as messages of so many, taken in by the broker when the last of them arrives. */
export function messagesOf(records: readonly SimulatedRecord[], most: number): (Sent & { body: string })[] {
  return Array.from({ length: Math.ceil(records.length / most) }, (_, index) => {
    const part = records.slice(most * index, most * index + most)
    return {
      body: `{"records":[${part.map(({ text }) => text).join(',')}]}`,
      enqueued: part.at(-1)!.arrival,
    }
  })
}

/** The simulated logs in messages of so many records. */
export function simulatedMessages(most: number): (Sent & { body: string })[] {
  return messagesOf(simulatedRecords(), most)
}
