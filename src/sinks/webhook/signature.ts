import { Buffer } from 'node:buffer'
import { createHmac } from 'node:crypto'

/**
 * The signature of a message by the Standard Webhooks specification (standardwebhooks.com): HMAC-SHA256 over
 * `id.timestamp.body`, in base64, with its version before it.
 *
 * @param secret `whsec_` and the key in base64, or any text, whose UTF-8 bytes are then the key
 * @param timestamp seconds since 1970
 */
export function signature(secret: string, id: string, timestamp: number, body: string): string {
  const hash = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest('base64')
  return `v1,${hash}`
}

function keyOf(secret: string): Buffer {
  return secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret)
}
