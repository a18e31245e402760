import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ProblemsError, problemText } from '../../src/config/yaml.js'
import { loadDetections } from '../../src/detections/load.js'
import { alertsOf, cli, inTempFolder } from '../support/cli.js'
import { writeSensitivePack } from '../support/detection-files.js'
import { ndjson, simulatedRecords } from '../support/simulated.js'

inTempFolder()
writeSensitivePack('pack')
writeFileSync('logs.ndjson', ndjson(simulatedRecords()))

/** The pack with an overrides file of this text. */
async function loaded(text: string) {
  writeFileSync('overrides.yaml', text)
  const detections = await loadDetections('pack', 'overrides.yaml')
  return new Map(detections.map((one) => [one.id, one]))
}

async function problemsOf(text: string): Promise<string[]> {
  const error = await loaded(text).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ProblemsError)
  return (error as ProblemsError).problems.map(problemText)
}

describe('overrides', () => {
  it('change the parameters that they name, and nothing else', async () => {
    const before = await loaded('overrides: {}')
    const after = await loaded('overrides:\n  heavy: { floor: 5000, learn: 3d }\n')
    expect(after.get('heavy')!.parameters).toEqual({
      ...before.get('heavy')!.parameters,
      floor: 5000,
      learn: 72,
    })
    after.delete('heavy')
    before.delete('heavy')
    expect(after).toEqual(before)
  })

  it.each([
    ['enabled: false', 'retires a detection', { status: 'retired', severity: 'medium' }],
    ['enabled: true', 'leaves one that is on', { status: 'stable' }],
    ['severity: low', 'changes the severity', { severity: 'low', status: 'stable' }],
    ['min_days: { weekday: 4 }', 'changes a part', { parameters: { min_days: { weekday: 4, weekend: 1 } } }],
  ])('%s %s', async (text, _, expected) => {
    expect((await loaded(`overrides:\n  odd:\n    ${text}\n`)).get('odd')).toMatchObject(expected)
  })

  it('change how far another row may lie, and nothing else of it', async () => {
    const before = (await loaded('overrides: {}')).get('paired')!
    const paired = (await loaded('overrides:\n  paired: { after: { within: 2h } }\n')).get('paired')!
    expect(paired).toEqual({ ...before, after: { ...before.after, within: 2 } })
  })

  it('read conditions as detections do', async () => {
    const heavy = (await loaded('overrides:\n  heavy:\n    of: { RequestMethod: GET }\n')).get('heavy')!
    expect(heavy.parameters.of).toMatchObject({ column: 'RequestMethod', values: ['GET'] })
  })

  it.each([
    ['an unknown detection', '  no-such: { floor: 1 }', '2:3 there is no detection no-such; see agentwarden'],
    [
      'a parameter that the kind has not',
      '  fresh: { flor: 1 }',
      '2:12 unknown key flor; of new_value can be set enabled, severity, field, of, steady, learn, min_hours',
    ],
    [
      'another row that the detection does not want',
      '  paired: { unless: { within: 2h } }',
      '2:13 unknown key unless; of pair can be set enabled, severity, entity, after',
    ],
    ['another thing of that row', '  paired: { after: { within: 2h, view: X } }', '2:34 unknown key view'],
    ['a value of the wrong sort', '  heavy: { floor: many }', '2:12 floor: Invalid input'],
    ['a value out of range', '  odd:\n    tolerance: 14', '3:5 tolerance: Too big'],
    ['a severity that there is not', '  odd:\n    severity: urgent', '3:5 severity: Invalid option'],
    ['a column that the view has not', '  fresh: { field: Colour }', '2:12 there is no column Colour'],
    ['a column of the wrong sort', '  heavy: { column: Operation }', '2:12 Operation holds a string'],
    ['what does not agree', '  heavy: { metric: count }', '2:3 a count is of rows'],
    ['a condition on no column', '  heavy:\n    of: { Colour: red }', '3:11 there is no column Colour'],
    ['something that is no group', '  heavy: 5', '2:3 heavy: must be a group of parameters'],
    ['another key', '  odd: { tolerance: 1 }\nothers: 1', '3:1 unknown key others'],
  ])('tell of %s with file, line and column', async (_, text, problem) => {
    const problems = await problemsOf(`overrides:\n${text}\n`)
    expect(problems).toEqual([expect.stringContaining(`overrides.yaml:${problem}`)])
  })

  it('tell of all that is wrong at once', async () => {
    const problems = await problemsOf('overrides:\n  no-such: {}\n  heavy: { flor: 1, k: -1 }\n')
    expect(problems.map((text) => text.split(' ')[0])).toEqual([
      'overrides.yaml:2:3',
      'overrides.yaml:3:12',
      'overrides.yaml:3:21',
    ])
  })
})

describe('--overrides', () => {
  const text = [
    'overrides:',
    '  heavy: { floor: 40000, k: 3 }',
    '  odd: { tolerance: 1, severity: high }',
    '  rare: { max_days: 0 }',
    '  quiet: { gap: 40h }',
    '  fresh: { enabled: false }',
    '',
  ].join('\n')
  const files = ['logs.ndjson', '--detections', 'pack', '--overrides', 'overrides.yaml']
  const counts = (alerts: readonly { detection: string }[], id: string) =>
    alerts.filter(({ detection }) => detection === id).length

  it('changes what a replay finds', async () => {
    writeFileSync('overrides.yaml', text)
    const plain = await alertsOf(['logs.ndjson', '--detections', 'pack'])
    const changed = await alertsOf(files)
    for (const id of ['heavy', 'odd', 'rare']) {
      expect(counts(changed, id)).not.toBe(counts(plain, id))
      expect(counts(changed, id)).toBeGreaterThan(0)
    }
    expect(counts(changed, 'fresh')).toBe(0)
    expect(counts(changed, 'busy')).toBe(counts(plain, 'busy'))
    expect(new Set(changed.filter((one) => one.detection === 'odd').map(({ severity }) => severity))).toEqual(
      new Set(['high']),
    )
  })

  it('changes both engines alike', async () => {
    writeFileSync('overrides.yaml', text)
    const only = ['--only', 'heavy,odd,fresh']
    const { code, stdout } = await cli(['parity', ...files, ...only, '--json'])
    const results = JSON.parse(stdout) as { detection: string; both: number }[]
    const changed = await alertsOf(files)
    expect(results.map(({ detection, both }) => [detection, both])).toEqual(
      ['heavy', 'odd'].map((id) => [id, counts(changed, id)]),
    )
    expect(code).toBe(0)
  })

  it('changes the rules, and leaves out those of detections that are off', async () => {
    writeFileSync('overrides.yaml', text)
    const build = ['rules', 'build', '--detections', 'pack', '--overrides', 'overrides.yaml', '--out', 'kql']
    const { code, stdout } = await cli(build)
    expect(code).toBe(0)
    expect(readFileSync('kql/queries/heavy.kql', 'utf8')).toContain('max_of(real(40000), Median + real(3)')
    expect(readFileSync('kql/rules/odd.yaml', 'utf8')).toContain('severity: High')
    expect(stdout).not.toContain('fresh')
  })

  it.each(['replay', 'parity'])('refuses a wrong file in %s with 2', async (command) => {
    writeFileSync('overrides.yaml', 'overrides:\n  heavy: { flor: 1 }\n')
    expect(await cli([command, ...files])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^overrides\.yaml:2:12 unknown key flor/),
    })
  })
})
