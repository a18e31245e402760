import { BlockList, isIP } from 'node:net'

/** Where clouds keep credentials of machines: never a receiver of alerts, whatever is allowed. */
const METADATA = blocked(
  ['169.254.169.254/32', '168.63.129.16/32', '100.100.100.200/32'],
  ['fd00:ec2::254/128'],
)

/** What is not the public internet, by IANA's registries of special-purpose addresses. */
const SPECIAL = blocked(
  [
    '0.0.0.0/8',
    '10.0.0.0/8',
    '100.64.0.0/10',
    '127.0.0.0/8',
    '168.63.129.16/32',
    '169.254.0.0/16',
    '172.16.0.0/12',
    '192.0.0.0/24',
    '192.0.2.0/24',
    '192.88.99.0/24',
    '192.168.0.0/16',
    '198.18.0.0/15',
    '198.51.100.0/24',
    '203.0.113.0/24',
    '224.0.0.0/3',
  ],
  // Of what is allocated to the internet: Teredo and others, documentation, 6to4, documentation.
  ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'],
)

const ALLOCATED = blocked([], ['2000::/3'])

/** IPv4 within IPv6: mapped, and as DNS64 gives it. */
const EMBEDDED = blocked([], ['::ffff:0:0/96', '64:ff9b::/96'])

/**
 * Whether a webhook may be delivered to an address. IPv4 within IPv6 counts as what it is.
 *
 * @param allowPrivate also to addresses of private networks, this machine and the like
 */
export function mayReach(address: string, allowPrivate: boolean): boolean {
  const plain = plainAddress(address)
  const family = isIP(plain) === 4 ? 'ipv4' : 'ipv6'
  if (isIP(plain) === 0 || METADATA.check(plain, family)) return false
  if (allowPrivate) return true
  return !SPECIAL.check(plain, family) && (family === 'ipv4' || ALLOCATED.check(plain, family))
}

function plainAddress(address: string): string {
  if (isIP(address) !== 6 || address.includes('%')) return isIP(address) === 4 ? address : zoneless(address)
  if (!EMBEDDED.check(address, 'ipv6')) return address
  // The standard spelling of an address ends in its last two groups, hexadecimal.
  const groups = new URL(`http://[${address}]/`).hostname.slice(1, -1).split(':').slice(-2)
  const [high, low] = groups.map((group) => Number.parseInt(group || '0', 16)) as [number, number]
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

/** An address with a zone belongs to a link of this machine. */
function zoneless(address: string): string {
  return address.split('%')[0]!
}

function blocked(ipv4: readonly string[], ipv6: readonly string[]): BlockList {
  const list = new BlockList()
  const add = (subnet: string, family: 'ipv4' | 'ipv6') => {
    const [address, prefix] = subnet.split('/') as [string, string]
    list.addSubnet(address, Number(prefix), family)
  }
  for (const subnet of ipv4) add(subnet, 'ipv4')
  for (const subnet of ipv6) add(subnet, 'ipv6')
  return list
}
