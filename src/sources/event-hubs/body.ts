import { Buffer } from 'node:buffer'
import type { ReceivedEventData } from '@azure/event-hubs'

/**
 * The bytes of an event, whichever AMQP section holds them: data sections joined, texts as UTF-8, other values and
 * sequences as JSON. Nothing becomes no bytes. What is no record is for the intake to reject.
 */
export function bytesOf({ body, getRawAmqpMessage }: ReceivedEventData): Buffer {
  if (body instanceof Uint8Array) return asBuffer(body)
  if (body === undefined || body === null) return Buffer.alloc(0)
  if (typeof body === 'string') return Buffer.from(body)
  const sections: unknown = Array.isArray(body) && getRawAmqpMessage().bodyType === 'data' ? body : undefined
  if (sections) return Buffer.concat((sections as Uint8Array[]).map(asBuffer))
  return Buffer.from(json(body))
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** Values of AMQP that JSON does not know, such as very large numbers, read as text. */
function json(value: unknown): string {
  try {
    return JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? String(part) : part)) ?? ''
  } catch {
    return String(value)
  }
}
