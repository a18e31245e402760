import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { getOrAdd } from '../../src/collections.js'
import { loadDetections } from '../../src/detections/load.js'
import { written } from '../../src/tuning/overrides-file.js'
import { valueAt } from '../../src/tuning/parameters.js'
import { variantsOf } from '../../src/tuning/sweep.js'
import { alertsOf, cli, inTempFolder } from '../support/cli.js'
import { writeDetections, writeSensitivePack } from '../support/detection-files.js'
import { ndjson, simulatedRecords } from '../support/simulated.js'

inTempFolder()
writeSensitivePack('pack')
// What none of these sets, so that every parameter of every kind is swept.
writeDetections('pack', {
  overtime: {
    view: 'SignIns',
    kind: 'off_hours',
    min_days: { weekday: 1, weekend: 1 },
    tolerance: 1,
    max_unusual: 0.2,
    rest: '2h',
    learn: '24h',
    min_hours: 2,
  },
  steadfast: { kind: 'new_value', field: 'Operation', steady: '48h', learn: '24h', min_hours: 2 },
})
writeFileSync('logs.ndjson', ndjson(simulatedRecords()))
const RUN = ['logs.ndjson', '--detections', 'pack']

/** Parameters that are known to make a difference on these logs, some of each kind. */
const DIFFERING = [
  'busy floor',
  'broad k',
  'heavy k',
  'far min_hours',
  'fresh learn',
  'odd tolerance',
  'odd min_days.weekday',
  'odd min_count',
  'quiet gap',
  'rare ratio',
  'rare max_days',
  'overtime rest',
  'overtime max_unusual',
  'steadfast steady',
  'paired after.within',
]

interface Value {
  readonly value: number | string
  readonly alerts: number
  readonly perDay: number
}

interface Tuned {
  readonly perDay: number
  readonly proposedPerDay: number
  readonly detections: readonly {
    readonly detection: string
    readonly now: Value
    readonly parameters: readonly {
      readonly parameter: string
      readonly values: readonly Value[]
      readonly area?: number
    }[]
  }[]
}

async function tuned(...flags: string[]): Promise<Tuned> {
  const { code, stdout, stderr } = await cli(['tune', ...RUN, '--json', '--quiet', ...flags])
  expect([code, stderr]).toEqual([0, ''])
  return JSON.parse(stdout) as Tuned
}

/** All values that were tried of a detection, each with its parameter. */
function valuesOf({ parameters }: Tuned['detections'][number]) {
  return parameters.flatMap(({ parameter, values }) =>
    values.map((one): Value & { parameter: string } => ({ parameter, ...one })),
  )
}

/** An override of one parameter, also of a part of one. */
function override(parameter: string, value: unknown): object {
  return parameter.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as object
}

let all: Tuned
beforeAll(async () => {
  all = await tuned('--since', '2000-01-01')
})

describe('the sweep', () => {
  // A replay a round: in each, every detection has one parameter at one value, so that all values of all are compared.
  it('counts what separate replays raise, for every kind, parameter and value', async () => {
    const rounds = Math.max(...all.detections.map((one) => valuesOf(one).length))
    for (let round = 0; round < rounds; round++) {
      const tried = all.detections.map((one) => ({ ...one, ...valuesOf(one)[round] }))
      const changed = tried.filter((one) => one.parameter !== undefined)
      const overrides = Object.fromEntries(
        changed.map(({ detection, parameter, value }) => [detection, override(parameter!, value)]),
      )
      writeFileSync('overrides.yaml', stringify({ overrides }))
      const alerts = await alertsOf([...RUN, '--overrides', 'overrides.yaml'])
      const counted = tried.map(({ detection, parameter, value, now, alerts }) => [
        detection,
        parameter,
        value,
        alerts ?? now.alerts,
      ])
      const replayed = tried.map(({ detection: id, parameter, value }) => [
        id,
        parameter,
        value,
        alerts.filter(({ detection }) => detection === id).length,
      ])
      expect(counted).toEqual(replayed)
    }
  })

  it('counts the risk of what is raised now, not of what other values would have raised', async () => {
    writeSensitivePack('risky')
    writeDetections('risky', { endangered: { view: 'AgentAlerts', kind: 'risk', level: 'high' } })
    const run = ['logs.ndjson', '--detections', 'risky']
    const { stdout } = await cli(['tune', ...run, '--json', '--quiet', '--since', '2000-01-01'])
    const { detections } = JSON.parse(stdout) as Tuned
    const raised = (await alertsOf(run)).filter(({ detection }) => detection === 'endangered')
    expect(raised.length).toBeGreaterThan(0)
    expect(detections.find(({ detection }) => detection === 'endangered')?.now.alerts).toBe(raised.length)
  })

  it('finds a difference by every threshold', () => {
    const differing = all.detections.flatMap(({ detection, now, parameters }) =>
      parameters
        .filter(({ values }) => values.some(({ alerts }) => alerts !== now.alerts))
        .map(({ parameter }) => `${detection} ${parameter}`),
    )
    for (const one of DIFFERING) expect(differing).toContain(one)
  })
})

describe('the values that are tried', () => {
  it('are all allowed by overrides, for every detection of the pack', async () => {
    const variants = variantsOf(await loadDetections()).filter(({ parameter }) => parameter !== undefined)
    const rounds = new Map<string, typeof variants>()
    for (const variant of variants) getOrAdd(rounds, variant.of, () => []).push(variant)
    for (let round = 0; [...rounds.values()].some((some) => some.length > round); round++) {
      const some = [...rounds.values()].flatMap((own) => own[round] ?? [])
      const overrides = Object.fromEntries(
        some.map(({ of, parameter, value, duration }) => [
          of,
          override(parameter!, written(value, duration)),
        ]),
      )
      writeFileSync('allowed.yaml', stringify({ overrides }))
      const loaded = await loadDetections(undefined, 'allowed.yaml')
      for (const { of, parameter, value } of some)
        expect([of, parameter, valueAt(loaded.find(({ id }) => id === of)!, parameter!)]).toEqual([
          of,
          parameter,
          value,
        ])
    }
  })
})

describe('agentwarden tune', () => {
  it('shows alerts a day by value, the present one in brackets', async () => {
    const { code, stdout } = await cli(['tune', ...RUN, '--quiet', '--only', 'heavy,every'])
    expect(stdout).toMatch(/^Alerts a day from 2026-\d\d-\d\dT\d\d:\d\d to .* UTC: \d+\.\d\d\n/)
    expect(stdout).toMatch(/^ {2}floor +(no difference from 2.5 to 40|.*\[10\]: \d+\.\d\d.*)$/m)
    expect(stdout).toMatch(/^ {2}learn .*\[1d\]: .* 3d: /m)
    expect(stdout).toContain('Nothing is proposed.')
    expect(code).toBe(0)
  })

  it('proposes values within the budget, and writes them with what they change', async () => {
    const only = ['--only', 'busy,heavy,odd']
    const { perDay } = await tuned('--since', '2000-01-01', ...only)
    const budget = String(perDay * 0.6)
    const flags = [...only, '--since', '2000-01-01', '--budget', budget, '--out', 'proposed.yaml']
    const { code, stdout } = await cli(['tune', ...RUN, '--json', '--quiet', ...flags])
    const { proposedPerDay } = JSON.parse(stdout) as Tuned
    expect(code).toBe(0)
    expect(proposedPerDay).toBeLessThanOrEqual(Number(budget))
    const text = readFileSync('proposed.yaml', 'utf8')
    expect(text).toMatch(/^ {4}# was .*: \d+\.\d\d alerts a day instead of \d+\.\d\d\n {4}\w+: /m)
    const again = await tuned('--since', '2000-01-01', '--overrides', 'proposed.yaml', ...only)
    expect(again.perDay).toBeCloseTo(proposedPerDay, 6)
  })

  it('ends with 1 where no values keep within the budget', async () => {
    const { code, stderr } = await cli([
      'tune',
      ...RUN,
      '--quiet',
      '--only',
      'every,changed',
      '--budget',
      '0',
    ])
    expect(stderr).toBe('error: no values that were tried keep within 0 alerts a day\n')
    expect(code).toBe(1)
  })

  it('measures recall and precision by labels, and proposes nothing that loses an attack', async () => {
    const plain = await alertsOf(RUN)
    const attacked = plain.filter(({ detection }) => detection === 'heavy').at(-1)!
    const label = { agent: attacked.agentId, attack: 'theft', from: attacked.hour, to: attacked.hour }
    writeFileSync('labels.ndjson', `${JSON.stringify(label)}\n`)
    const flags = ['--labels', 'labels.ndjson', '--only', 'heavy', '--budget', '0', '--out', 'labelled.yaml']
    const { stdout } = await cli(['tune', ...RUN, '--json', '--quiet', ...flags])
    const [heavy] = (JSON.parse(stdout) as Tuned).detections
    expect(heavy!.now).toMatchObject({
      caught: 1,
      recall: 1,
      precision: expect.closeTo(1 / heavy!.now.alerts),
    })
    for (const { area } of heavy!.parameters) expect(area).toBeGreaterThan(0)
    const kept = await alertsOf([...RUN, '--overrides', 'labelled.yaml'])
    expect(kept.filter(({ detection }) => detection === 'heavy').length).toBeLessThan(heavy!.now.alerts + 1)
    expect(kept.some(({ id }) => id === attacked.id)).toBe(true)
    expect(parse(readFileSync('labelled.yaml', 'utf8'))).toHaveProperty('overrides.heavy')
  })

  it.each([
    ['a budget that is no number', ['--budget', 'few'], 'must be a number of alerts a day'],
    ['a detection that is not there', ['--only', 'none'], 'there is no detection none'],
    ['labels that are none', ['--labels', 'bad.ndjson'], 'bad.ndjson:2:1 no label: from'],
  ])('refuses %s with 2', async (_, flags, message) => {
    writeFileSync('bad.ndjson', '\n{"agent":"a"}\n')
    const { code, stdout, stderr } = await cli(['tune', ...RUN, ...flags, '--out', 'none.yaml'])
    expect(stderr).toContain(message)
    expect([code, stdout]).toEqual([2, ''])
    expect(existsSync('none.yaml')).toBe(false)
  })
})
