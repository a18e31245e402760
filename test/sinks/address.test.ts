import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mayReach } from '../../src/sinks/webhook/address.js'

describe('an address', () => {
  it.each([
    '1.1.1.1',
    '100.63.255.255',
    '172.32.0.1',
    '223.255.255.255',
    '2606:4700::1111',
    '::ffff:1.1.1.1',
    '64:ff9b::101:101',
  ])('%s is public', (address) => {
    expect(mayReach(address, false)).toBe(true)
  })

  it.each([
    ['0.0.0.0', 'this network'],
    ['10.1.2.3', 'private'],
    ['100.64.0.1', 'carrier-grade NAT'],
    ['127.0.0.1', 'loopback'],
    ['169.254.1.1', 'link-local'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['192.0.0.8', 'protocol assignments'],
    ['192.168.1.1', 'private'],
    ['198.19.0.1', 'benchmarks'],
    ['203.0.113.7', 'documentation'],
    ['224.0.0.1', 'multicast'],
    ['255.255.255.255', 'broadcast'],
    ['::', 'unspecified'],
    ['::1', 'loopback'],
    ['::7f00:1', 'IPv4-compatible loopback'],
    ['fc00::1', 'unique local'],
    ['fd12:3456::1', 'unique local'],
    ['fe80::1', 'link-local'],
    ['fec0::1', 'site-local'],
    ['ff02::1', 'multicast'],
    ['2001::1', 'Teredo'],
    ['2001:db8::1', 'documentation'],
    ['2002:7f00:1::', '6to4 of loopback'],
    ['100::1', 'discard'],
    ['::ffff:10.0.0.1', 'mapped private'],
    ['::ffff:7f00:1', 'mapped loopback'],
    ['0:0:0:0:0:ffff:c0a8:0101', 'mapped private'],
    ['64:ff9b::7f00:1', 'loopback by NAT64'],
  ])('%s is not: %s', (address) => {
    expect(mayReach(address, false)).toBe(false)
    expect(mayReach(address, true)).toBe(true)
  })

  it.each([
    '169.254.169.254',
    '168.63.129.16',
    '::ffff:169.254.169.254',
    '::ffff:a83f:8110',
    '64:ff9b::a9fe:a9fe',
    'fd00:ec2::254',
    'no address',
    '',
    '127.1',
    '1.1.1.1 ',
  ])('%j is never one for alerts', (address) => {
    expect(mayReach(address, false)).toBe(false)
    expect(mayReach(address, true)).toBe(false)
  })

  it('with a zone is not public', () => {
    expect(mayReach('fe80::1%eth0', false)).toBe(false)
  })

  it('counts the same however it is written', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        const parts = address.split('.').map(Number)
        const hex = parts.map((part) => part.toString(16).padStart(2, '0')).join('')
        const reach = mayReach(address, false)
        expect(mayReach(`::ffff:${address}`, false)).toBe(reach)
        expect(mayReach(`::ffff:${hex.slice(0, 4)}:${hex.slice(4)}`, false)).toBe(reach)
        expect(mayReach(`64:ff9b::${hex.slice(0, 4)}:${hex.slice(4)}`, false)).toBe(reach)
      }),
    )
  })
})
