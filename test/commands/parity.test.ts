import { writeFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { cli, inTempFolder } from '../support/cli.js'
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
