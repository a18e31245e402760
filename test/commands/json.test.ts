import { writeFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { cli, inTempFolder, linesOf } from '../support/cli.js'
import { writeDetections } from '../support/detection-files.js'
import { graphCall } from '../support/records.js'

inTempFolder()
writeDetections('pack', { every: { kind: 'match', where: { ResponseStatusCode: 403 } } })
writeFileSync('all.kql', 'MicrosoftGraphActivityLogs | project RequestId')
writeFileSync(
  'logs.ndjson',
  ['a', 'b']
    .map((requestId) =>
      graphCall({ timeGenerated: '2026-10-20T03:12:44Z', requestId, responseStatusCode: 403 }),
    )
    .map((record) => JSON.stringify(record))
    .join('\n'),
)
const PACK = ['--detections', 'pack']
const ALERTS = ['--alerts', 'alerts.ndjson']
const UNTIL = ['--why', 'known', '--until', '2030-01-01']

let id = ''
beforeAll(async () => {
  const { stdout } = await cli(['replay', 'logs.ndjson', ...PACK, '--json', '--out', 'alerts.ndjson'])
  expect(stdout).toBe('')
  id = linesOf<{ id: string }>((await cli(['replay', 'logs.ndjson', ...PACK, '--json'])).stdout)[0]!.id
})

describe('--json prints to standard output', () => {
  it.each<[command: string, args: () => string[], expected: unknown]>([
    ['detections list', () => PACK, [expect.objectContaining({ id: 'every' })]],
    ['detections show', () => ['every', ...PACK], expect.objectContaining({ id: 'every' })],
    ['detections test', () => ['risk-detected'], expect.any(Array)],
    ['detections page', () => PACK, expect.objectContaining({ detections: expect.any(Array) })],
    ['diff', () => ['alerts.ndjson', 'alerts.ndjson'], expect.objectContaining({ same: 1 })],
    ['explain', () => [id, ...ALERTS, ...PACK, 'logs.ndjson'], expect.objectContaining({ rowsInAll: 2 })],
    ['parity', () => ['logs.ndjson', ...PACK], [expect.objectContaining({ both: 1, streamOnly: [] })]],
    [
      'rows',
      () => ['logs.ndjson', '--out', 'rows'],
      { files: { 'MicrosoftGraphActivityLogs.ndjson': 2 }, passedOver: {} },
    ],
    [
      'rules build',
      () => [...PACK, '--out', 'kql', '--format', 'kql', '--only', 'every'],
      { rules: 1, written: ['kql/queries/every.kql'], removed: [] },
    ],
    ['rules check', () => ['kql'], []],
    [
      'simulate',
      () => ['--out', 'tenant', '--agents', '2', '--days', '1', '--attacks', 'none'],
      { messages: expect.any(Number), attacks: 0, agents: expect.any(Number) },
    ],
    ['suppress', () => ['--alert', id, ...ALERTS, ...UNTIL], expect.objectContaining({ detection: 'every' })],
    ['tune', () => ['logs.ndjson', ...PACK], expect.objectContaining({ detections: expect.any(Array) })],
  ])('one document: %s', async (command, args, expected) => {
    const { code, stdout } = await cli([...command.split(' '), ...args(), '--json'])
    expect(JSON.parse(stdout)).toEqual(expected)
    expect(code).toBe(0)
  })

  it.each<[command: string, args: () => string[], expected: unknown[]]>([
    ['replay', () => ['logs.ndjson', ...PACK], [expect.objectContaining({ detection: 'every', count: 2 })]],
    ['kql run', () => ['all.kql', '--data', 'logs.ndjson'], [{ RequestId: 'a' }, { RequestId: 'b' }]],
  ])('a line each: %s', async (command, args, expected) => {
    const { code, stdout } = await cli([...command.split(' '), ...args(), '--json'])
    expect(linesOf(stdout)).toEqual(expected)
    expect(code).toBe(0)
  })
})

/** The daemon and `backfill` leave a state; a watchlist is CSV, and what `state export` prints is JSON always. */
const WITHOUT = ['run', 'rules watchlist', 'state export', 'backfill']

it('--json is taken by every command that has a result', async () => {
  const without: string[] = []
  for (const name of await namesOf([])) {
    const inner = await namesOf([name])
    for (const command of inner.length > 0 ? inner.map((one) => `${name} ${one}`) : [name]) {
      const { stdout } = await cli([...command.split(' '), '--help'])
      if (!stdout.includes('  --json')) without.push(command)
    }
  }
  expect(without).toEqual(WITHOUT)
})

/** The commands that help names. */
async function namesOf(command: readonly string[]): Promise<string[]> {
  const { stdout } = await cli([...command, '--help'], { columns: 200 })
  const [, list = ''] = stdout.split('Commands:\n')
  const names = [...list.split('\n\n')[0]!.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name!)
  return names.filter((name) => name !== 'help')
}
