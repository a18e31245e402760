/** An address range: its first address and how many leading bits count. */
interface Range {
  readonly address: bigint
  readonly bits: number
}

/** The number of an IPv4 address, with its prefix length if there is one; null if it is none. */
export function parseIpv4(text: string): { address: number; bits: number } | null {
  const match = /^\s*(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?\s*$/.exec(text)
  if (!match) return null
  const [a, b, c, d] = match.slice(1, 5).map(Number) as [number, number, number, number]
  const bits = match[5] === undefined ? 32 : Number(match[5])
  if (a > 255 || b > 255 || c > 255 || d > 255 || bits > 32) return null
  return { address: ((a << 24) | (b << 16) | (c << 8) | d) >>> 0, bits }
}

/** Compares the leading bits of two IPv4 addresses: -1, 0 or 1; null if one of them is none. */
export function compareIpv4(a: string, b: string, prefix = 32): number | null {
  const [left, right] = [parseIpv4(a), parseIpv4(b)]
  if (!left || !right || prefix < 0 || prefix > 32) return null
  const bits = Math.min(left.bits, right.bits, prefix)
  return Math.sign(masked(left.address, bits) - masked(right.address, bits))
}

function masked(address: number, bits: number): number {
  return bits === 0 ? 0 : (address & (-1 << (32 - bits))) >>> 0
}

/** Whether an IPv4 address lies in a range in CIDR notation; null if either is not understood. */
export function ipv4InRange(address: string, range: string): boolean | null {
  const [inner, outer] = [parseIpv4(address), parseIpv4(range)]
  if (!inner || !outer) return null
  const bits = Math.min(inner.bits, outer.bits)
  return masked(inner.address, bits) === masked(outer.address, bits)
}

/** The number of an IPv4 address or, of a range, of its first address; null if it is none. */
export function networkOf(text: string): number | null {
  const parsed = parseIpv4(text)
  return parsed && masked(parsed.address, parsed.bits)
}

const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16']

/** Whether an IPv4 address is one of the private ranges; null if it is none. */
export function isPrivateIpv4(address: string): boolean | null {
  if (!parseIpv4(address)) return null
  return PRIVATE.some((range) => ipv4InRange(address, range) === true)
}

/** An IPv6 or IPv4 address or range as 128 bits, IPv4 mapped into `::ffff:0:0/96`; null if it is none. */
export function parseIpv6(text: string): Range | null {
  const [address = '', prefix, ...rest] = text.trim().split('/')
  if (rest.length > 0 || (prefix !== undefined && !/^\d{1,3}$/.test(prefix))) return null
  const v4 = parseIpv4(address)
  if (v4) return ranged(0xffff_0000_0000n + BigInt(v4.address), Number(prefix ?? 32) + 96)
  const groups = groupsOf(address)
  if (!groups) return null
  const value = groups.reduce((sum, group) => (sum << 16n) | BigInt(group), 0n)
  return ranged(value, Number(prefix ?? 128))
}

function ranged(address: bigint, bits: number): Range | null {
  return bits <= 128 ? { address, bits } : null
}

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): number[] | null {
  const halves = withoutDotted(address).split('::')
  if (halves.length > 2) return null
  const [head = [], tail] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const missing = 8 - head.length - (tail?.length ?? 0)
  if (tail ? missing < 1 : missing !== 0) return null
  const groups = tail ? [...head, ...Array<string>(missing).fill('0'), ...tail] : head
  return groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))
    ? groups.map((group) => parseInt(group, 16))
    : null
}

function withoutDotted(address: string): string {
  return address.replace(/(?<=:)\d+\.\d+\.\d+\.\d+$/, (dotted) => {
    const v4 = parseIpv4(dotted)
    return v4 ? `${(v4.address >>> 16).toString(16)}:${(v4.address & 0xffff).toString(16)}` : 'x'
  })
}

/** Compares the leading bits of two addresses of either sort: -1, 0 or 1; null if one of them is none. */
export function compareIpv6(a: string, b: string, prefix = 128): number | null {
  const [left, right] = [parseIpv6(a), parseIpv6(b)]
  if (!left || !right || prefix < 0 || prefix > 128) return null
  const drop = BigInt(128 - Math.min(left.bits, right.bits, prefix))
  const [x, y] = [left.address >> drop, right.address >> drop]
  return x < y ? -1 : x > y ? 1 : 0
}

/** Whether an address of either sort lies in a range of either sort; null if one is not understood. */
export function ipv6InRange(address: string, range: string): boolean | null {
  const compared = compareIpv6(address, range)
  return compared === null ? null : compared === 0
}
