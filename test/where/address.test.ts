import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inRange, parseAddress, parseRange } from '../../src/where/address.js'

function holds(address: string, range: string): boolean {
  return inRange(parseAddress(address)!, parseRange(range)!)
}

describe('a range', () => {
  it.each<[range: string, inside: string[], outside: string[]]>([
    [
      '10.0.0.0/8',
      ['10.0.0.0', '10.255.255.255', '::ffff:10.1.2.3'],
      ['9.255.255.255', '11.0.0.0', '::10.1.2.3'],
    ],
    ['192.168.1.0/24', ['192.168.1.1'], ['192.168.2.1', '192.168.0.255']],
    ['192.168.1.77/24', ['192.168.1.1', '192.168.1.255'], ['192.168.2.77']],
    ['203.0.113.7', ['203.0.113.7'], ['203.0.113.6', '203.0.113.8']],
    ['203.0.113.7/32', ['203.0.113.7'], ['203.0.113.6']],
    ['203.0.113.6/31', ['203.0.113.6', '203.0.113.7'], ['203.0.113.8']],
    ['0.0.0.0/0', ['0.0.0.0', '255.255.255.255'], ['::1', '2001:db8::1']],
    [
      '2001:db8::/32',
      ['2001:db8::1', '2001:DB8:ffff:ffff:ffff:ffff:ffff:ffff'],
      ['2001:db9::', '32.1.13.184'],
    ],
    ['2001:db8::1', ['2001:0db8:0:0:0:0:0:1'], ['2001:db8::2']],
    ['::/0', ['::', '2001:db8::1'], ['10.0.0.1', '::ffff:10.0.0.1']],
    ['::1/128', ['::1', '0:0:0:0:0:0:0:1'], ['::2']],
    ['fe80::/10', ['fe80::1', 'febf::1'], ['fec0::1']],
    ['64:ff9b::/96', ['64:ff9b::192.0.2.1', '64:ff9b::c000:201'], ['64:ff9b:1::192.0.2.1']],
    ['::ffff:10.0.0.0/104', ['10.1.2.3', '::ffff:10.1.2.3', '::ffff:a01:203'], ['11.0.0.0']],
    ['::ffff:10.0.0.1', ['10.0.0.1', '0:0:0:0:0:ffff:10.0.0.1'], ['10.0.0.2']],
    ['::ffff:0:0/96', ['10.1.2.3'], ['2001:db8::1']],
  ])('%s', (range, inside, outside) => {
    for (const address of inside) expect(holds(address, range), address).toBe(true)
    for (const address of outside) expect(holds(address, range), address).toBe(false)
  })

  it.each([
    '',
    '/',
    '/8',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '10.0.0.0/ 8',
    '10.0.0.0/255.0.0.0',
    '10.0.0',
    '10.0.0.256',
    '10.0.0.0.0',
    '10.*',
    '2001:db8::/129',
    '2001:db8/32',
    '::ffff:10.0.0.0/8',
    'corporate',
  ])('is not %j', (text) => {
    expect(parseRange(text)).toBeUndefined()
  })
})

describe('an address', () => {
  it.each([
    '',
    ' ',
    '<null>',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.999',
    '1.2.3.-4',
    '1.2.3.4:443',
    '1..3.4',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8',
    '12345::',
    'g::',
    'fe80::1%eth0',
    '::1.2.3',
    '1.2.3.4::',
    'localhost',
  ])('is not %j', (text) => {
    expect(parseAddress(text)).toBeUndefined()
  })
})

const bits = (length: 32 | 128) => fc.array(fc.boolean(), { minLength: length, maxLength: length })

/** An address in the plainest writing, from its bits. */
function written(address: readonly boolean[]): string {
  const size = address.length === 32 ? 8 : 16
  const parts = Array.from({ length: address.length / size }, (_, part) =>
    Number.parseInt(
      address
        .slice(part * size, (part + 1) * size)
        .map(Number)
        .join(''),
      2,
    ),
  )
  return size === 8 ? parts.join('.') : parts.map((part) => part.toString(16)).join(':')
}

describe('a range of n bits', () => {
  it.each([32, 128] as const)('holds the addresses of %d bits that begin with its n bits', (length) => {
    fc.assert(
      fc.property(
        bits(length),
        bits(length),
        fc.nat(length),
        fc.nat(length),
        (range, other, prefix, shared) => {
          const address = [...range.slice(0, shared), ...other.slice(shared)]
          const same = range.slice(0, prefix).every((bit, index) => bit === address[index])
          expect(holds(written(address), `${written(range)}/${prefix}`)).toBe(same)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('holds an IPv4 address in any of its writings', () => {
    fc.assert(
      fc.property(bits(32), fc.nat(32), (address, prefix) => {
        const four = written(address)
        const six = written([...Array<boolean>(80).fill(false), ...Array<boolean>(16).fill(true), ...address])
        for (const writing of [four, `::ffff:${four}`, `::FFFF:${four}`, six]) {
          expect(holds(writing, `${four}/${prefix}`), writing).toBe(true)
          expect(holds(writing, `::ffff:${four}/${96 + prefix}`), writing).toBe(true)
        }
      }),
    )
  })
})
