import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { beforeAll, describe, expect, it } from 'vitest'
import type { OutgoingAlert } from '../../src/daemon/sink.js'
import { sink as fileKind } from '../../src/sinks/file.js'
import { StreamSink, sink as stdoutKind } from '../../src/sinks/stdout.js'
import { sink as webhookKind } from '../../src/sinks/webhook.js'
import { madeFolders } from '../support/folders.js'
import { outgoing, patiently } from '../support/outgoing.js'
import { webhookReceivers } from '../support/receiver.js'
import { surroundings } from '../support/surroundings.js'

const scratch = madeFolders()
const webhookReceiver = webhookReceivers()

/** Names that an attacker can give an agent or a resource. */
const NAMES = {
  'a second line': 'bot\r\n{"id":"forged"}',
  'a terminal command': 'bot\u001b[2J\u001b]0;owned\u0007\u009b31m',
  'text that runs backwards': 'bot\u202Egnp.exe\u2066\u200F',
  'a zero byte': 'bot\u0000.exe',
  'a hidden tag': 'bot\u{E0041}\u200B\uFEFF',
  'a line separator': 'bot\u2028\u2029\u0085',
  'half a character': 'bot\uD800',
  'the end of a script': '</script><img src=x onerror=alert(1)>',
  'a formula': '=cmd|"/c calc"!A1',
  'a call to everybody in Slack': '<!channel> <!here> <@U012AB3CD> <#C012AB3CD>',
  'a link in Slack': '<https://evil.example/login|Sign in> &lt;!channel&gt;',
  'emphasis in Slack': '*bold* _it_ ~no~ `code` > quote :skull:',
  'a link in Teams': '[Sign in](https://evil.example/login) **bold** # head\n- item',
  'a mention in Teams': '<at>Everyone</at>',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the text is what cards take for a template
  'a function of cards': '{{DATE(2026-11-20T03:12:44Z)}} ${$root} @{triggerBody()}',
  'an address of the web': 'https://evil.example www.evil.example',
  'a very long name': 'A'.repeat(100_000),
  'a name that grows when it is escaped': '<&'.repeat(5_000),
  'a name of large characters': '\u{1D4B3}"'.repeat(5_000),
  'a key of every object': '__proto__',
} as const

function hostile(name: string): OutgoingAlert {
  return outgoing({
    agentName: name,
    agentId: name,
    tenantId: name,
    title: name,
    reason: `${name} did it`,
    entity: { ResourceDisplayName: name, [name]: name },
    observed: name,
    expected: { basis: name },
    mitre: { tactics: [name], techniques: [name] },
  })
}

/** What a terminal, an editor or a browser might take for more than text; line ends apart. */
const ACTIVE = /[\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|(?!\n)\p{Cc}/u

type Json = { readonly [key: string]: Json } | readonly Json[] | string | number | boolean | null

/** Every object within a value. */
function objects(value: Json): { readonly [key: string]: Json }[] {
  if (typeof value !== 'object' || value === null) return []
  const own = Array.isArray(value) ? [] : [value as { readonly [key: string]: Json }]
  return [...own, ...Object.values(value).flatMap(objects)]
}

const texts = (value: Json) =>
  objects(value).flatMap((one) => (typeof one.text === 'string' ? [one.text] : []))

let port = 0
let got: readonly { readonly body: string }[] = []

beforeAll(async () => {
  const server = await webhookReceiver()
  port = server.port
  got = server.got
})

async function posted(format: string, alert: OutgoingAlert): Promise<string> {
  const url = `http://127.0.0.1:${port}/`
  const settings = webhookKind.settings.parse({
    url,
    format,
    allow_http: true,
    allow_private: true,
    max_request_bytes: 10_000_000,
  })
  const sink = webhookKind.open('hook', settings, surroundings())
  await sink.deliver([alert], patiently())
  await sink.close()
  return got.at(-1)!.body
}

async function printed(format: string, alert: OutgoingAlert): Promise<string> {
  const out = new PassThrough({ highWaterMark: 10_000_000 })
  const sink = new StreamSink('out', stdoutKind.settings.parse({ format }), surroundings(), out)
  await sink.deliver([alert], patiently())
  return out.read().toString()
}

async function filed(format: string, alert: OutgoingAlert): Promise<string> {
  const path = join(scratch(), 'alerts')
  const sink = fileKind.open('file', fileKind.settings.parse({ path, format }), surroundings())
  await sink.deliver([alert], patiently())
  await sink.close()
  return readFileSync(path, 'utf8')
}

describe.each(Object.entries(NAMES))('%s', (_, name) => {
  const alert = hostile(name)
  const lines = { printed, filed }

  it.each([
    ['printed', 'ndjson'],
    ['printed', 'ocsf'],
    ['printed', 'text'],
    ['filed', 'ndjson'],
    ['filed', 'ocsf'],
    ['filed', 'text'],
  ] as const)('%s as %s is one line of nothing but text', async (way, format) => {
    const text = await lines[way](format, alert)
    expect(text.endsWith('\n')).toBe(true)
    expect(text.slice(0, -1)).not.toContain('\n')
    expect(text).not.toMatch(ACTIVE)
    if (format === 'text') return
    expect(text).not.toContain('<')
    if (format === 'ndjson') expect(JSON.parse(text)).toEqual(alert)
    else expect(JSON.parse(text).message).toBe(alert.reason)
  })

  it('posted as JSON is what it was', async () => {
    const body = await posted('json', alert)
    expect(JSON.parse(body)).toEqual(alert)
    expect(body).not.toMatch(ACTIVE)
    expect(body).not.toContain('<')
  })

  it('posted to Slack is plain text, without markup, mention or link', async () => {
    const message = JSON.parse(await posted('slack', alert))
    const typed = objects(message).filter(({ type }) => type !== undefined)
    expect(new Set(typed.map(({ type }) => type))).toEqual(
      new Set(['header', 'section', 'context', 'plain_text']),
    )
    expect(message.mrkdwn).toBe(false)
    for (const text of texts(message)) {
      expect(text).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)|:\/\/|\bwww\./)
      expect(text).not.toMatch(ACTIVE)
    }
    // Slack's own limits: characters of a header, a section, a field; fields.
    const [header, section, fields] = message.blocks
    expect(header.text.text.length).toBeLessThanOrEqual(150)
    expect(section.text.text.length).toBeLessThanOrEqual(3_000)
    expect(fields.fields.length).toBeLessThanOrEqual(10)
    for (const { text } of fields.fields) expect(text.length).toBeLessThanOrEqual(2_000)
  })

  it('posted to Teams is text runs, without markup, mention, link or function', async () => {
    const body = await posted('teams', alert)
    const message = JSON.parse(body)
    const card = message.attachments[0].content
    expect(new Set(objects(card.body).map(({ type }) => type))).toEqual(new Set(['RichTextBlock', 'TextRun']))
    for (const text of texts(card)) {
      expect(text).not.toMatch(/[<>]|\{\{|\$\{|:\/\/|\bwww\./)
      expect(text.replace(/\n/g, '\u0000')).not.toMatch(ACTIVE)
    }
    // The limit of Teams for a message.
    expect(Buffer.byteLength(body)).toBeLessThan(28_000)
  })
})

it('an ordinary alert reads well in Slack', async () => {
  const { blocks, text } = JSON.parse(await posted('slack', outgoing()))
  expect(text).toBe('[medium] Agent reaches a resource that it never used')
  expect(blocks[1].text.text).toBe('invoice bot signed in to Payroll, which it never did in 13 days')
  expect(blocks[2].fields.map((field: { text: string }) => field.text)).toEqual([
    'Agent\ninvoice bot',
    'Agent id\n22222222-2222-2222-2222-222222222222',
    'Tenant\n11111111-1111-1111-1111-111111111111',
    'Hour (UTC)\n2026-11-20T03:00:00Z',
    'About\nResourceDisplayName: Payroll',
    'Observed\nPayroll',
    'Expected\nknown: 3; basis: 3 resources in 13 days',
    'Rows\n1',
    'ATT&amp;CK\nT1078.004',
  ])
  expect(blocks[3].elements[0].text).toBe(
    '2026-11-20T03:12:44.120Z · unusual-resource · 0123456789abcdef0123456789abcdef',
  )
})

it('an update reads well in Teams', async () => {
  const message = JSON.parse(await posted('teams', outgoing({ state: 'updated', count: 7 })))
  expect(message).toMatchObject({
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        content: { type: 'AdaptiveCard', version: '1.4' },
      },
    ],
  })
  const rows = message.attachments[0].content.body.map(({ inlines }: { inlines: { text: string }[] }) =>
    inlines.map(({ text }) => text).join(''),
  )
  expect(rows[1]).toBe('invoice bot signed in to Payroll, which it never did in 13 days')
  expect(rows).toContain('Rows: 7 by the end of the hour')
})
