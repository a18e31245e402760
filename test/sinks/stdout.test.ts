import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { sink as kind, StreamSink } from '../../src/sinks/stdout.js'
import { outgoing, outgoingOnes, patiently } from '../support/outgoing.js'
import { surroundings } from '../support/surroundings.js'

const children: ChildProcess[] = []

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

/** A process that reads its standard input, or does not. */
function reader(...command: [string, ...string[]]): ChildProcess {
  const [file, ...args] = command
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'ignore'] })
  children.push(child)
  return child
}

function to(stream: NodeJS.WritableStream, said: object = {}) {
  const around = surroundings()
  const sink = new StreamSink('out', kind.settings.parse(said), around, stream as never)
  return Object.assign(sink, { counts: around.counts })
}

async function textOf(child: ChildProcess): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of child.stdout!) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

describe('standard output', () => {
  it('gets a line for each alert', async () => {
    const child = reader('cat')
    await to(child.stdin!).deliver(outgoingOnes(3), patiently())
    child.stdin!.end()
    const lines = (await textOf(child)).trim().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toEqual(outgoingOnes(3))
  })

  it('gets text for people', async () => {
    const out = new PassThrough()
    const alerts = [outgoing(), outgoing({ state: 'updated', count: 7 })]
    await to(out, { format: 'text' }).deliver(alerts, patiently())
    expect(out.read().toString()).toBe(
      `2026-11-20T03:12:44.120Z medium unusual-resource invoice bot signed in to Payroll, which it never did in 13 days
2026-11-20T03:12:44.120Z medium unusual-resource invoice bot signed in to Payroll, which it never did in 13 days (7 rows by the end of the hour)
`,
    )
  })

  it('gets OCSF, in which an update is one', async () => {
    const out = new PassThrough()
    await to(out, { format: 'ocsf' }).deliver([outgoing(), outgoing({ state: 'updated' })], patiently())
    const lines = out.read().toString().trim().split('\n')
    expect(lines.map((line: string) => JSON.parse(line))).toMatchObject([
      { class_uid: 2_004, activity_id: 1, type_uid: 200_401 },
      { class_uid: 2_004, activity_id: 2, type_uid: 200_402 },
    ])
  })

  it('that is closed (EPIPE) fails each time, and ends nothing', async () => {
    const child = reader('sh', '-c', 'exec 0<&-; echo closed; exec sleep 60')
    await once(child.stdout!, 'data')
    const sink = to(child.stdin!)
    for (let attempt = 0; attempt < 5; attempt++)
      await expect(sink.deliver([outgoing()], patiently())).rejects.toThrow(/EPIPE|destroyed|write after end/)
    expect(sink.counts.get('errors')).toBe(1)
    await sink.close()
  })

  it('that nobody reads fills no memory, and goes on when somebody does', async () => {
    const blocked = reader('cat')
    blocked.kill('SIGSTOP')
    const sink = to(blocked.stdin!, { timeout: '100ms' })
    const alerts = outgoingOnes(100).map((alert) => ({ ...alert, reason: 'long '.repeat(2_000) }))
    await expect(sink.deliver(alerts, patiently())).rejects.toThrow('not done within 0.1 s')
    const held = blocked.stdin!.writableLength
    for (let attempt = 0; attempt < 3; attempt++)
      await expect(sink.deliver(alerts, patiently())).rejects.toThrow('not done within 0.1 s')
    expect(blocked.stdin!.writableLength).toBe(held)
    blocked.kill('SIGCONT')
    const text = textOf(blocked)
    await vi.waitFor(() => sink.deliver(alerts, patiently()), { timeout: 10_000 })
    blocked.stdin!.end()
    const lines = (await text).trim().split('\n')
    expect(lines.slice(-100).map((line) => JSON.parse(line).id)).toEqual(alerts.map(({ id }) => id))
  })

  it('lets its caller go', async () => {
    const blocked = reader('cat')
    blocked.kill('SIGSTOP')
    const caller = new AbortController()
    const alerts = [outgoing({ reason: 'long '.repeat(200_000) })]
    const delivered = to(blocked.stdin!).deliver(alerts, caller.signal)
    caller.abort(new Error('the daemon stops'))
    await expect(delivered).rejects.toThrow('the daemon stops')
  })

  it('is the standard output of the process', () => {
    const sink = kind.open('out', kind.settings.parse({}), surroundings())
    expect([sink.name, process.stdout.listenerCount('error')]).toEqual(['out', 1])
  })
})
