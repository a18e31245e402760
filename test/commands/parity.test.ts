import { writeFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { cli, inTempFolder } from '../support/cli.js'
import { writeDetections } from '../support/detection-files.js'
import { servicePrincipalSignIn } from '../support/records.js'
import { ndjson, simulatedRecords } from '../support/simulated.js'

inTempFolder()

describe('agentwarden parity', () => {
  const file = 'logs.ndjson'

  beforeAll(() => writeFileSync(file, ndjson(simulatedRecords())))

  it('says how many alerts both engines raised, and exits with 0 where they are equal', async () => {
    const only = ['credential-added,owner-added', 'high-privilege-app-role-granted']
    const flags = only.flatMap((ids) => ['--only', ids])
    const { code, stdout } = await cli(['parity', ...flags, file, '--json'])
    const results = JSON.parse(stdout) as {
      detection: string
      both: number
      streamOnly: string[]
      kqlOnly: string[]
    }[]
    expect(results.map(({ detection }) => detection).sort()).toEqual(only.join(',').split(',').sort())
    for (const result of results)
      expect(result).toMatchObject({ both: expect.any(Number), streamOnly: [], kqlOnly: [] })
    expect(results.reduce((sum, { both }) => sum + both, 0)).toBeGreaterThanOrEqual(3)
    expect(code).toBe(0)
  })

  it('shows what only one engine raised, and exits with 1: here of rows exported before they happened', async () => {
    const busy = {
      view: 'SignIns',
      kind: 'spike',
      metric: 'count',
      floor: 0,
      k: 0,
      learn: '1h',
      min_hours: 1,
    }
    writeDetections('pack', { busy })
    const signIns = (count: number, createdDateTime: string, time: string) =>
      Array.from({ length: count }, (_, id) =>
        servicePrincipalSignIn({ id: `${createdDateTime}-${id}`, createdDateTime }, { time }),
      )
    const log = [
      ...signIns(1, '2026-10-19T01:00:00Z', '2026-10-19T01:05:00Z'),
      ...signIns(2, '2026-10-20T03:00:00Z', '2026-10-20T02:59:00Z'),
      ...signIns(3, '2026-10-20T05:00:00Z', '2026-10-20T05:05:00Z'),
    ]
    writeFileSync('early.ndjson', log.map((record) => `${JSON.stringify(record)}\n`).join(''))
    const { code, stdout } = await cli(['parity', 'early.ndjson', '--detections', 'pack'])
    expect(stdout).toMatch(/^busy +1 +1 +0 +3$/m)
    expect(stdout).toMatch(/^ {2}stream only: .*"2026-10-20T03:00:00.000Z",\{\}\]$/m)
    expect(stdout).toContain('Parity: 50.00 % of 2 alert keys')
    expect(code).toBe(1)
  })

  it('takes nobody to be listed where no inventory is named', async () => {
    writeDetections('listed', { retired: { kind: 'match', where: { 'agent.status': 'retired' } } })
    const { code, stdout } = await cli(['parity', file, '--detections', 'listed'])
    expect(stdout).toMatch(/^retired +0 +0 +0 /m)
    expect(code).toBe(0)
  })

  it.each([
    [
      'a detection that is not there',
      ['parity', file, '--only', 'no-such-thing'],
      'there is no detection no-such-thing',
    ],
    ['standard input, as the logs are read twice', ['parity', '-'], 'name files instead of -'],
  ])('refuses %s with 2', async (_name, args, message) => {
    const { code, stderr } = await cli(args)
    expect(stderr).toContain(message)
    expect(code).toBe(2)
  })
})
