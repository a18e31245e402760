/** An IP address as a number, of 32 or 128 bits. */
export interface Address {
  readonly bits: 32 | 128
  readonly value: bigint
}

/** A block of addresses: those whose first `prefix` bits are those of `address`. */
export interface Range {
  readonly address: Address
  readonly prefix: number
}

/** The upper 96 bits of an IPv4 address in IPv6 form. */
const MAPPED = 0xffffn

/** Reads an IPv4 or IPv6 address; an IPv4 address in IPv6 form (`::ffff:1.2.3.4`) is the IPv4 one. */
export function parseAddress(text: string): Address | undefined {
  const four = parseIpv4(text)
  if (four !== undefined) return { bits: 32, value: four }
  const six = parseIpv6(text)
  if (six === undefined) return undefined
  return six >> 32n === MAPPED ? { bits: 32, value: six & 0xffff_ffffn } : { bits: 128, value: six }
}

/**
 * Reads `10.0.0.0/8`, `2001:db8::/32`, or a single address. A range of IPv4 addresses in IPv6 form counts its
 * bits as IPv6 does: `::ffff:10.0.0.0/104` is `10.0.0.0/8`.
 */
export function parseRange(text: string): Range | undefined {
  const [host = '', length, more] = text.split('/')
  const address = parseAddress(host)
  if (!address || more !== undefined) return undefined
  if (length === undefined) return { address, prefix: address.bits }
  const bits = /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN
  const prefix = address.bits === 32 && host.includes(':') ? bits - 96 : bits
  return prefix >= 0 && prefix <= address.bits ? { address, prefix } : undefined
}

/** Whether an address lies in a range; addresses of different families never do. */
export function inRange(address: Address, range: Range): boolean {
  if (address.bits !== range.address.bits) return false
  const shift = BigInt(range.address.bits - range.prefix)
  return address.value >> shift === range.address.value >> shift
}

function parseIpv4(text: string): bigint | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255))
    return undefined
  return parts.reduce((value, part) => value * 256n + BigInt(part), 0n)
}

function parseIpv6(text: string): bigint | undefined {
  const halves = withoutDots(text).split('::')
  if (halves.length > 2) return undefined
  const head = groups(halves[0]!)
  const tail = halves.length === 2 ? groups(halves[1]!) : []
  if (!head || !tail) return undefined
  const missing = 8 - head.length - tail.length
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined
  const all = [...head, ...Array<number>(missing).fill(0), ...tail]
  return all.reduce((value, group) => value * 65536n + BigInt(group), 0n)
}

/** The last 32 bits may be written as an IPv4 address: `64:ff9b::192.0.2.1`. */
function withoutDots(text: string): string {
  const start = text.lastIndexOf(':') + 1
  const four = text.includes('.') ? parseIpv4(text.slice(start)) : undefined
  if (four === undefined) return text
  return `${text.slice(0, start)}${(four >> 16n).toString(16)}:${(four & 0xffffn).toString(16)}`
}

function groups(text: string): number[] | undefined {
  if (text === '') return []
  const parts = text.split(':')
  return parts.every((part) => /^[0-9a-f]{1,4}$/i.test(part))
    ? parts.map((part) => Number.parseInt(part, 16))
    : undefined
}
