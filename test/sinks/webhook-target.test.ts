import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { describe, expect, it, vi } from 'vitest'
import { sink as kind } from '../../src/sinks/webhook.js'
import { madeFolders } from '../support/folders.js'
import { outgoing, patiently } from '../support/outgoing.js'
import { names, selfMade, webhookReceivers } from '../support/receiver.js'
import { failure, HERE, webhookSinks } from '../support/webhook.js'

/** For what happens at once on a machine that is not busy. */
const SOON = { timeout: 10_000 }

const scratch = madeFolders()
const webhookReceiver = webhookReceivers()
const webhook = webhookSinks()

/** The file that makes the receiver's certificate trusted. */
function selfMadeFile(): string {
  const file = join(scratch(), 'ca.pem')
  writeFileSync(file, selfMade().cert)
  return file
}

describe('TLS', () => {
  it('is trusted by a certificate authority of one’s own', async () => {
    const server = await webhookReceiver('https')
    const sink = webhook({
      url: `https://127.0.0.1:${server.port}/`,
      allow_private: true,
      ca_file: selfMadeFile(),
    })
    await sink.check()
    await sink.deliver([outgoing()], patiently())
    expect(server.got.length).toBe(1)
  })

  it.each([
    ['that nobody has signed', 'hooks.test', {}, /self-signed certificate/],
    ['of another host', 'other.test', { ca_file: 'self-made' }, /does not match certificate's altnames/],
  ])('refuses a certificate %s', async (_, host, said: { ca_file?: string }, message) => {
    const server = await webhookReceiver('https')
    const ca = said.ca_file ? { ca_file: selfMadeFile() } : {}
    const lookup = names(['127.0.0.1'])
    const sink = webhook({ url: `https://${host}:${server.port}/`, allow_private: true, ...ca }, { lookup })
    expect((await failure(sink)).message).toMatch(message)
    await expect(sink.check()).rejects.toThrow(message)
    expect(server.got).toEqual([])
  })
})

describe('the address of a receiver', () => {
  const NOT_PUBLIC = /is not an address that alerts may be sent to/

  it('is never asked about where it is written as one that is not public', async () => {
    const server = await webhookReceiver()
    for (const host of [
      '127.0.0.1',
      '127.1',
      '0x7f000001',
      '2130706433',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '0.0.0.0',
    ]) {
      const sink = webhook({ url: `http://${host}:${server.port}/`, allow_http: true })
      expect((await failure(sink)).message).toMatch(NOT_PUBLIC)
      await expect(sink.check()).rejects.toThrow(NOT_PUBLIC)
    }
    expect([server.got, server.sockets.size]).toEqual([[], 0])
  })

  it.each([[['127.0.0.1']], [['10.0.0.5']], [['1.1.1.1', '127.0.0.1']], [['::ffff:127.0.0.1']]])(
    'is refused where its name means %o',
    async (addresses) => {
      const server = await webhookReceiver()
      const url = `http://hooks.test:${server.port}/`
      const sink = webhook({ url, allow_http: true }, { lookup: names(addresses) })
      expect((await failure(sink)).message).toMatch(/^hooks.test is .*, which is not an address/)
      expect(server.sockets.size).toBe(0)
    },
  )

  it('is the one that was checked, though the name means another one the next time', async () => {
    const server = await webhookReceiver()
    // Of the internet once, and nobody's today: nothing answers there.
    const lookup = names(['3ffe::1'], ['127.0.0.1'])
    const url = `http://hooks.test:${server.port}/`
    const sink = webhook({ url, allow_http: true, timeout: '1s' }, { lookup })
    expect((await failure(sink)).message).not.toMatch(NOT_PUBLIC)
    expect(lookup.calls).toBe(1)
    expect((await failure(sink)).message).toMatch(NOT_PUBLIC)
    expect(server.sockets.size).toBe(0)
  })

  it('may be private where that is allowed, but never that of credentials', async () => {
    const server = await webhookReceiver()
    const lookup = names(['127.0.0.1'], ['169.254.169.254'])
    const sink = webhook({ url: `http://hooks.test:${server.port}/`, ...HERE }, { lookup })
    await sink.deliver([outgoing()], patiently())
    for (const socket of server.sockets) socket.destroy()
    await vi.waitFor(() => expect(server.sockets.size).toBe(0), SOON)
    await vi.waitFor(async () => expect((await failure(sink)).message).toMatch(NOT_PUBLIC), SOON)
    expect(server.got.length).toBe(1)
  })
})

describe('a URL', () => {
  it.each([
    ['http://hooks.example.com/secret', {}, 'the URL of the webhook must be https'],
    [
      'https://user:secret@hooks.example.com/',
      {},
      'the URL of the webhook holds a password: use authorization',
    ],
    [
      'https://evil.example/secret',
      { allow_hosts: ['hooks.example.com'] },
      'evil.example is none of the hosts that are allowed',
    ],
    [
      'https://hooks.example.com.evil.example/',
      { allow_hosts: ['hooks.example.com'] },
      'hooks.example.com.evil.example is none of the hosts that are allowed',
    ],
    [
      'https://example.com/',
      { allow_hosts: ['*.example.com'] },
      'example.com is none of the hosts that are allowed',
    ],
    [
      'https://evilexample.com/',
      { allow_hosts: ['*.example.com'] },
      'evilexample.com is none of the hosts that are allowed',
    ],
  ])('%s with %o is refused at once', (url, said, message) => {
    expect(() => webhook({ url, ...said })).toThrow(message)
  })

  it.each([
    ['https://hooks.example.com/', ['hooks.example.com']],
    ['https://HOOKS.example.com/', ['Hooks.Example.com']],
    ['https://a.b.example.com/', ['other.example', '*.example.com']],
  ])('%s is one of %o', (url, allow_hosts) => {
    webhook({ url, allow_hosts })
  })

  it.each(['ftp://hooks.example.com/', 'hooks.example.com', 'file:///etc/passwd', { env: 'NO NAME' }])(
    '%o is none',
    (url) => {
      expect(kind.settings.safeParse({ url }).success).toBe(false)
    },
  )

  it.each([
    ['no url, hush', 'the URL of the webhook is none of http or https'],
    ['http://127.0.0.1/hush', 'the URL of the webhook must be https'],
    ['https://127.0.0.1:1/hush?hush', 'connect ECONNREFUSED 127.0.0.1:1'],
  ])('that is a secret, here %s, is in no error', async (url, message) => {
    const file = join(scratch(), 'url')
    writeFileSync(file, url)
    const error = await failure(webhook({ url: { file }, allow_private: true }))
    expect(error.message).toBe(message)
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('hush')
  })
})
