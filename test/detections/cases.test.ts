import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { ProblemsError, problemText } from '../../src/config/yaml.js'
import { type CaseResult, runCases } from '../../src/detections/cases/run.js'
import { loadDetections } from '../../src/detections/load.js'

const folder = mkdtempSync(path.join(tmpdir(), 'agentwarden-cases-'))
afterAll(() => rmSync(folder, { recursive: true }))

const DETECTION = `
id: failed-sign-in
title: A sign-in fails
version: 1.0.0
severity: low
status: stable
why: To be tested.
view: SignIns
kind: match
entity: [ResourceIdentity]
where: { not: { ResultType: "0" } }
alert: "{AgentName} failed with {ResultType}"
false_positives: [none]
blind_spots: [none]
attack: { InitialAccess: [T1078.004] }
references: [https://example.com/]
`

const CASES = `base: { record: service-principal-sign-in, ResultType: "0", ResourceIdentity: graph }
cases:
  - name: fires on a failure
    events: [{ at: 0d 10:00, ResultType: "50126", alert: { entity: { ResourceIdentity: graph }, observed: 1, reason: with 50126 } }]
  - name: stays quiet on a success
    events: [{ at: 0d 10:00 }]
  - name: stays quiet on a series of successes
    events: [{ every: 1h, from: -1d, to: 0d }]
`

let number = 0

/** Runs the detection on a file of events of its own; on none if there is no text. */
async function run(cases: string | undefined): Promise<CaseResult[]> {
  const own = path.join(folder, String(number++))
  mkdirSync(own)
  writeFileSync(path.join(own, 'failed-sign-in.yaml'), DETECTION)
  if (cases !== undefined) writeFileSync(path.join(own, 'failed-sign-in.test.yaml'), cases)
  const [detection] = await loadDetections(own)
  return runCases(detection!)
}

/** What was wrong with the cases, by name. */
async function failuresOf(cases: string): Promise<Record<string, readonly string[]>> {
  const failed = (await run(cases)).filter(({ failures }) => failures.length > 0)
  return Object.fromEntries(failed.map(({ name, failures }) => [name, failures]))
}

/** What was wrong with the file, as `file:line:col message` without the folder. */
async function problemsOf(cases: string | undefined): Promise<string[]> {
  const error = await run(cases).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ProblemsError)
  return (error as ProblemsError).problems.map((one) =>
    problemText({ ...one, file: path.basename(one.file) }),
  )
}

/** The good file with one thing changed, which must be there. */
function but(good: string, bad: string): string {
  expect(CASES).toContain(good)
  return CASES.replace(good, bad)
}

/** The good file with other events in its firing case. */
function firing(events: string): string {
  return CASES.replace(/(fires on a failure\n {4}events: ).*/, (_, start: string) => start + events)
}

describe('a case', () => {
  it('that holds says so', async () => {
    const results = await run(CASES)
    expect(results.map(({ detection, name, fires, failures }) => [detection, name, fires, failures])).toEqual(
      [
        ['failed-sign-in', 'fires on a failure', true, []],
        ['failed-sign-in', 'stays quiet on a success', false, []],
        ['failed-sign-in', 'stays quiet on a series of successes', false, []],
      ],
    )
    expect(results[0]!.alerts).toHaveLength(1)
  })

  const at = 'at 2026-10-19T10:00:00.000Z: '

  it.each([
    [
      'another entity',
      'entity: { ResourceIdentity: graph }',
      'entity: { ResourceIdentity: vault }',
      `${at}entity ResourceIdentity is graph, not vault`,
    ],
    [
      'an entity that there is not',
      'entity: { ResourceIdentity',
      'entity: { Resource',
      `${at}entity Resource is undefined, not graph`,
    ],
    ['another value', 'observed: 1', 'observed: 2', `${at}observed is 1, not 2`],
    [
      'another reason',
      'reason: with 50126',
      'reason: with 50127',
      `${at}the reason is "invoice-agent failed with 50126", without "with 50127"`,
    ],
    ['an alert where none comes', '50126", alert', '0", alert', 'no alert at 2026-10-19T10:00:00.000Z'],
  ])('fails that expects %s', async (_, good, bad, failure) => {
    expect(await failuresOf(but(good, bad))).toEqual({ 'fires on a failure': [failure] })
  })

  it('fails that stays quiet no longer', async () => {
    expect(
      await failuresOf(but('events: [{ at: 0d 10:00 }]', 'events: [{ at: 1d 23:59:59, ResultType: "1" }]')),
    ).toEqual({
      'stays quiet on a success': [
        'unexpected alert at 2026-10-20T23:59:59.000Z: invoice-agent failed with 1',
      ],
    })
  })

  it('fails that raises an alert in another hour than the expected one', async () => {
    const events = '[{ at: 0d 10:00, ResultType: "1", alert: true }, { at: 0d 11:00, ResultType: "2" }]'
    expect(await failuresOf(firing(events))).toEqual({
      'fires on a failure': ['unexpected alert at 2026-10-19T11:00:00.000Z: invoice-agent failed with 2'],
    })
  })

  it('fails that raises two alerts in the hour where one is expected', async () => {
    const events =
      '[{ at: 0d 10:00, ResultType: "1", ResourceIdentity: [graph, vault] }, { at: 0d 10:10, ResultType: "1", alert: true }]'
    expect(await failuresOf(firing(events))).toEqual({
      'fires on a failure': ['2 alerts where 1 were expected'],
    })
  })

  it('fails whose record cannot be read', async () => {
    expect(
      await failuresOf(
        but('events: [{ at: 0d 10:00 }]', 'events: [{ at: 0d 10:00, ResourceIdentity: { a: 1 } }]'),
      ),
    ).toEqual({
      'stays quiet on a success': [
        'a record is a dead letter: wrong-type, ResourceIdentity must be a text, got {"a":1}',
      ],
    })
  })

  it('fails for each thing that is wrong', async () => {
    const events =
      '[{ at: 0d 09:00, alert: true }, { at: 0d 10:00, alert: true }, { at: 0d 11:00, ResultType: "1" }]'
    expect(await failuresOf(firing(events))).toEqual({
      'fires on a failure': [
        'no alert at 2026-10-19T09:00:00.000Z',
        'no alert at 2026-10-19T10:00:00.000Z',
        'unexpected alert at 2026-10-19T11:00:00.000Z: invoice-agent failed with 1',
      ],
    })
  })

  it('may repeat an event, alone or in a series', async () => {
    const results = await run(
      firing(
        '[{ at: 0d 10:00, times: 3, ResultType: "1", alert: true }, { every: 12h, from: 1d, to: 2d, times: 2, ResultType: "1", alert: true }]',
      ),
    )
    expect(results[0]!.failures).toEqual([])
    expect(results[0]!.alerts.map(({ hour, count }) => [hour, count])).toEqual([
      ['2026-10-19T10:00:00Z', 3],
      ['2026-10-20T00:00:00Z', 2],
      ['2026-10-20T12:00:00Z', 2],
    ])
  })

  it.each([
    ['on weekdays', 'days: weekdays', ['2026-10-16', '2026-10-19']],
    ['on the weekend', 'days: weekend', ['2026-10-17', '2026-10-18']],
    ['on all days', 'days: all', ['2026-10-16', '2026-10-17', '2026-10-18', '2026-10-19']],
  ])('may have a series %s', async (_, days, expected) => {
    const [result] = await run(
      firing(`[{ every: 1h, from: -3d, to: 1d, hours: 23-23, ${days}, ResultType: "1", alert: true }]`),
    )
    expect(result!.failures).toEqual([])
    expect(result!.alerts.map(({ time }) => time.slice(0, 13))).toEqual(expected.map((day) => `${day}T23`))
  })
})

describe('a file of events is refused', () => {
  it('that is missing', async () => {
    expect(await problemsOf(undefined)).toEqual([
      'failed-sign-in.test.yaml:1:1 failed-sign-in has no events that it fires on',
    ])
  })

  it('in which no case fires', async () => {
    expect(await problemsOf(firing('[{ at: 0d 10:00 }]'))).toEqual([
      'failed-sign-in.test.yaml:2:1 no case fires: one event at least says alert',
    ])
  })

  it('in which fewer than two cases stay quiet', async () => {
    expect(
      await problemsOf(but('[{ at: 0d 10:00 }]', '[{ at: 0d 10:00, ResultType: "1", alert: true }]')),
    ).toEqual(['failed-sign-in.test.yaml:2:1 fewer than two cases stay quiet'])
  })

  it('with fewer than three cases', async () => {
    const [first = '', second = ''] = CASES.split('  - name: stays quiet on a series')
    expect(second).not.toBe('')
    expect(await problemsOf(first)).toEqual([
      'failed-sign-in.test.yaml:2:1 cases: at least one case that fires and two that stay quiet',
    ])
  })

  it.each([
    [
      'a moment that is none',
      'at: 0d 10:00 }',
      'at: 10:00 }',
      '6:16 at: a moment reads like -8d or 0d 10:00',
    ],
    ['a step that is none', 'every: 1h', 'every: 1w', '8:16 every: a step reads like 15m, 1h or 1d'],
    ['an expectation that there is not', 'observed: 1', 'seen: 1', '4:97 unknown key seen'],
    [
      'a record that there is not',
      'at: 0d 10:00 }',
      'at: 0d 10:00, record: sign-in }',
      '5:5 there is no record sign-in',
    ],
    [
      'a column that there is not',
      'at: 0d 10:00 }',
      'at: 0d 10:00, Resource: graph }',
      '5:5 AADServicePrincipalSignInLogs has no column Resource',
    ],
    [
      'a modified property that there is not',
      'at: 0d 10:00 }',
      'at: 0d 10:00, changes: { KeyDescription: [] } }',
      '5:5 the record has no modified property KeyDescription',
    ],
    ['a case without a name', 'name: stays quiet on a success', 'name: ""', '5:5 name: '],
    ['a misspelt key', 'base:', 'bases:', '1:1 '],
    ['broken YAML', 'events: [{ at: 0d 10:00 }]', 'events: [{ at: 0d 10:00 ]', '6:'],
  ])('for %s', async (_, good, bad, problem) => {
    const problems = await problemsOf(but(good, bad))
    expect(problems[0]).toContain(`failed-sign-in.test.yaml:${problem}`)
  })
})
