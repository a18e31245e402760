import { crc32 } from 'node:zlib'

/** A record as it stands on disk: 8 hex digits of the CRC-32 of key and text, then the text, which is JSON. */
export interface SealedRecord {
  readonly key: string
  readonly sealed: string
  readonly crc: number
}

/** Seals a value. @throws TypeError for what JSON can't hold. */
export function seal(key: string, value: unknown): SealedRecord {
  const text = JSON.stringify(value)
  const crc = crcOf(key, text)
  return { key, sealed: crc.toString(16).padStart(8, '0') + text, crc }
}

/** The CRC of a record that is whole; `undefined` of one that is not. */
export function checked(key: string, sealed: string): number | undefined {
  const crc = crcOf(key, sealed.slice(8))
  return crc.toString(16).padStart(8, '0') === sealed.slice(0, 8) ? crc : undefined
}

/** The value of a record that was checked. */
export function unsealed(sealed: string): unknown {
  return JSON.parse(sealed.slice(8))
}

/** The key too, so that a record that turns up under the key of another is noticed. */
function crcOf(key: string, text: string): number {
  return crc32(text, crc32(key))
}
