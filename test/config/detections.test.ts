import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { ProblemsError, problemText } from '../../src/config/yaml.js'
import { detectionFiles, loadDetections, loadKinds, PACK } from '../../src/detections/load.js'
import { packagePath } from '../../src/package-root.js'
import { inTempFolder } from '../support/cli.js'

inTempFolder()
beforeEach(() => {
  rmSync('pack', { recursive: true, force: true })
  mkdirSync('pack/folder', { recursive: true })
})

/** Line by line, as the expected places count. */
const SPIKE = `id: odd-calls
title: Odd calls
version: 1.0.0
severity: medium
status: stable
why: To be tested.
view: GraphCalls
kind: spike
metric: sum
column: ResponseSizeBytes
floor: 1000
k: 3
where:
  ResponseStatusCode: 200
  any:
    - RequestMethod: [GET, HEAD]
    - IPAddress|cidr: 203.0.113.0/24
alert: >-
  {AgentName} received {observed|bytes},
  {basis}
false_positives: [none]
blind_spots: [none]
attack:
  Exfiltration: [T1567, T1048.002]
  InitialAccess:
    - T1078.004
references: [https://example.com/]
`

/** All that is told of some files. */
async function toldOf(files: Readonly<Record<string, string>>): Promise<string[]> {
  for (const [name, text] of Object.entries(files)) writeFileSync(`pack/${name}`, text)
  const error = await loadDetections('pack').catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ProblemsError)
  return (error as ProblemsError).problems.map(problemText)
}

function changed(from: string, to: string): string {
  expect(SPIKE).toContain(from)
  return SPIKE.replace(from, to)
}

describe('a detection', () => {
  it('is read as it is written', async () => {
    writeFileSync('pack/folder/odd-calls.yaml', SPIKE)
    writeFileSync('pack/folder/odd-calls.test.yaml', 'is for testing: no detection')
    const [read, ...others] = await loadDetections('pack')
    expect(others).toEqual([])
    expect(read).toMatchObject({
      id: 'odd-calls',
      severity: 'medium',
      why: 'To be tested.',
      file: 'pack/folder/odd-calls.yaml',
      parameters: { metric: 'sum', floor: 1000, learn: 168, min_hours: 8 },
      streamOnly: undefined,
    })
    expect([read!.view.name, read!.kind.name]).toEqual(['GraphCalls', 'spike'])
    expect(read!.where).toMatchObject({
      type: 'all',
      of: [{ column: 'ResponseStatusCode' }, { type: 'any' }],
    })
    expect([...read!.attack]).toEqual([
      ['Exfiltration', ['T1567', 'T1048.002']],
      ['InitialAccess', ['T1078.004']],
    ])
  })

  it.each([
    [
      'an unknown key',
      'floor: 1000',
      'flor: 1\nfloor: 1000',
      '11:1 unknown key flor; besides what all detections take, spike takes metric, column,',
    ],
    ['a key of another kind', 'floor: 1000', 'field: AppId\nfloor: 1000', '11:1 unknown key field; '],
    ['a key that is missing', 'floor: 1000\n', '', '1:1 floor is missing'],
    ['a key of all that is missing', 'why: To be tested.\n', '', '1:1 why is missing'],
    ['a text for a number', 'k: 3', 'k: three', '12:1 k: Invalid input: expected number'],
    ['a number for a text', 'title: Odd calls', 'title: 7', '2:1 title: Invalid input: expected string'],
    ['a number below its bound', 'floor: 1000', 'floor: -1', '11:1 floor: Too small'],
    [
      'a length of time that is none',
      'k: 3',
      'k: 3\nlearn: 1 week',
      '13:1 learn: a length of time reads like 36h or 7d',
    ],
    ['a length of time beyond the window', 'k: 3', 'k: 3\nlearn: 14d', '13:1 learn: must be from 1h to 13d'],
    ['an empty sentence', 'why: To be tested.', 'why: " "', '6:1 why: Too small'],
    ['an empty list', 'blind_spots: [none]', 'blind_spots: []', '22:1 blind_spots: Too small'],
    ['a link that is none', 'https://example.com/', 'example', '27:14 0: Invalid URL'],
    ['a version that is none', 'version: 1.0.0', 'version: 1.0', '3:1 version: Invalid input'],
    ['an unknown severity', 'severity: medium', 'severity: critical', '4:1 severity: Invalid option'],
    ['an unknown status', 'status: stable', 'status: good', '5:1 status: Invalid option'],
    ['an unknown view', 'view: GraphCalls', 'view: Graphs', '7:1 unknown view Graphs; known are SignIns, '],
    ['an unknown kind', 'kind: spike', 'kind: spikes', '8:1 unknown kind spikes; known are absent, '],
    ['no kind', 'kind: spike\n', '', '1:1 kind: every detection names its kind'],
    ['a kind of every object', 'kind: spike', 'kind: constructor', '8:1 unknown kind constructor'],
    [
      'a column that is not there',
      'column: ResponseSizeBytes',
      'column: Bytes',
      '10:1 there is no column Bytes',
    ],
    [
      'a column of another type',
      'column: ResponseSizeBytes',
      'column: RequestMethod',
      '10:1 RequestMethod holds a string, a number is needed',
    ],
    [
      'a column of another view',
      'column: ResponseSizeBytes',
      'column: ResultType',
      '10:1 there is no column ResultType',
    ],
    ['a column where none belongs', 'metric: sum', 'metric: count', '10:1 a count is of rows'],
    ['no column where one belongs', 'column: ResponseSizeBytes\n', '', '9:1 sum needs a column'],
    [
      'a column in where that is not there',
      'ResponseStatusCode: 200',
      'Status: 200',
      '14:3 there is no column Status',
    ],
    [
      'a column of every object in where',
      'ResponseStatusCode: 200',
      'constructor: 200',
      '14:3 there is no column constructor',
    ],
    [
      'a text for a number in where',
      'ResponseStatusCode: 200',
      'ResponseStatusCode: "200"',
      '14:3 a column of numbers is compared with a number, got "200"',
    ],
    [
      'a number for a text deep in where',
      '[GET, HEAD]',
      '[GET, 7]',
      '16:28 a column of texts is compared with a text: quote 7',
    ],
    [
      'an unknown modifier',
      'IPAddress|cidr',
      'IPAddress|re',
      '17:7 unknown modifier re; known are contains, ',
    ],
    [
      'a modifier that does not fit the column',
      'ResponseStatusCode: 200',
      'ResponseStatusCode|contains: 2',
      '14:3 contains does not apply to a column of type number',
    ],
    [
      'an address range that is none',
      '203.0.113.0/24',
      '203.0.113.0/33',
      '17:7 203.0.113.0/33 is no address range',
    ],
    ['a wildcard', '[GET, HEAD]', '["G*"]', '16:23 wildcards are not known'],
    ['a list that is none', '[GET, HEAD]', '[]', '16:7 an empty list matches nothing'],
    ['a where that is a text', 'where:\n', 'where: all of it\nkql:\n', '13:1 a condition is a mapping'],
    ['a tactic that is none', 'Exfiltration:', 'Exfiltrate:', '24:3 unknown key Exfiltrate'],
    [
      'a technique id that is none',
      'T1567,',
      'T-1567,',
      '24:18 T-1567 is no technique id: they read like T1078 or T1078.004',
    ],
    ['a technique that is not known', 'T1567,', 'T9999,', '24:18 T9999 is not a known technique'],
    [
      'a sub-technique that is not known',
      'T1048.002',
      'T1048.999',
      '24:25 T1048.999 is not a known technique',
    ],
    [
      'a technique under the wrong tactic',
      '- T1078.004',
      '- T1567',
      '26:7 T1567 belongs to Exfiltration, not to InitialAccess',
    ],
    [
      'no tactic',
      'attack:\n  Exfiltration: [T1567, T1048.002]\n  InitialAccess:\n    - T1078.004\n',
      '',
      '1:1 attack is missing',
    ],
    [
      'a placeholder of nothing',
      '{basis}',
      '{basics}',
      '18:1 there is nothing called basics to put into the alert',
    ],
    [
      'a placeholder of another kind',
      '{basis}',
      '{day_class}',
      '18:1 there is nothing called day_class to put into the alert',
    ],
    [
      'a placeholder of every object',
      '{basis}',
      '{constructor}',
      '18:1 there is nothing called constructor to put into the alert',
    ],
    [
      'a format that is not known',
      '{observed|bytes}',
      '{observed|hex}',
      '18:1 unknown format hex; known is bytes',
    ],
    ['a stray brace', '{basis}', '{basis', '18:1 a brace stands alone'],
    [
      'an id in other letters than small ones',
      'id: odd-calls',
      'id: Odd_Calls',
      '1:1 id: small letters, digits and single hyphens',
    ],
    [
      'an id that is not the name of the file',
      'id: odd-calls',
      'id: other-calls',
      '1:1 the id is other-calls but the file is called odd-calls',
    ],
    ['a kql that says nothing', 'k: 3', 'k: 3\nkql: {}', '13:1 unsupported is missing'],
    [
      'a tab as indentation',
      '  ResponseStatusCode',
      '\tResponseStatusCode',
      '14:1 Tabs are not allowed as indentation',
    ],
    ['an open quote', 'title: Odd calls', 'title: "Odd calls', '28:1 Missing closing "quote'],
    ['a key twice', 'k: 3', 'k: 3\nfloor: 2000', '13:1 the key floor stands here twice'],
    [
      'a condition that contains itself',
      'where:\n  ResponseStatusCode: 200',
      'where: &where\n  not: *where',
      '14:8 *where contains itself',
    ],
    ['a list nested too deep', 'floor: 1000', `floor: ${'['.repeat(100_000)}`, '11:'],
  ])('is refused for %s', async (_, from, to, problem) => {
    const told = await toldOf({ 'odd-calls.yaml': changed(from, to) })
    // Bad YAML may be bad in several ways from there on.
    expect(told[0]!.slice(0, `pack/odd-calls.yaml:${problem}`.length)).toBe(`pack/odd-calls.yaml:${problem}`)
  })

  it('that unfolds into gigabytes is refused', async () => {
    const bomb = Array.from(
      { length: 9 },
      (_, n) => `x${n + 1}: &x${n + 1} [${Array(9).fill(`*x${n}`).join(', ')}]`,
    )
    const [told, ...others] = await toldOf({ 'odd-calls.yaml': `x0: &x0 [a]\n${bomb.join('\n')}\n${SPIKE}` })
    expect(told).toMatch(/^pack\/odd-calls\.yaml:10:\d+ Excessive alias count/)
    expect(others).toEqual([])
  })

  it.each([
    ['a list', '- 1\n'],
    ['a text', 'Hello, world\n'],
    ['nothing', ''],
  ])('that is %s is refused once', async (_, text) => {
    const told = await toldOf({ 'odd-calls.yaml': text })
    expect(told).toEqual([expect.stringMatching(/^pack\/odd-calls\.yaml:1:1 Invalid input: expected object/)])
  })
})

describe('all that is wrong is told at once', () => {
  it('of one file, whatever sort of thing it is', async () => {
    const text = [
      ['severity: medium', 'severity: worst'],
      ['column: ResponseSizeBytes', 'column: Bytes'],
      ['k: 3', 'k: 3\nkk: 4'],
      ['ResponseStatusCode: 200', 'Status: 200'],
      ['RequestMethod:', 'Method:'],
      ['{basis}', '{basics}'],
      ['T1567,', 'T9999,'],
      ['- T1078.004', '- T1567'],
      ['id: odd-calls', 'id: other'],
    ].reduce((text, [from, to]) => text.replace(from!, to!), SPIKE)
    const told = await toldOf({ 'odd-calls.yaml': text })
    const places = told.map((one) => one.slice('pack/odd-calls.yaml:'.length).split(' ')[0])
    expect(places).toEqual(['1:1', '4:1', '10:1', '13:1', '15:3', '17:7', '19:1', '25:18', '27:7'])
  })

  it.each([
    ['a parameter is wrong', 'k: 3', 'k: three', '12:1'],
    ['the kind is not known', 'kind: spike', 'kind: spikes', '8:1'],
    ['the view is not known', 'view: GraphCalls', 'view: Graphs', '7:1'],
  ])('of a file of which %s, as far as can be told', async (_, from, to, place) => {
    const text = changed(from, to).replace('title: Odd calls', 'title: ""').replace('T1567,', 'T9999,')
    const told = await toldOf({ 'odd-calls.yaml': text })
    const places = told.map((one) => one.slice('pack/odd-calls.yaml:'.length).split(' ')[0])
    expect(places.sort()).toEqual(['2:1', '24:18', place].sort())
  })

  it('of several files, in order of their names', async () => {
    const told = await toldOf({
      'b.yaml': SPIKE,
      'a.yml': SPIKE,
      'folder/odd-calls.yaml': changed('severity: medium', 'severity: worst'),
    })
    expect(told).toEqual([
      'pack/a.yml:1:1 the id is odd-calls but the file is called a',
      'pack/b.yaml:1:1 the id is odd-calls but the file is called b',
      expect.stringMatching(/^pack\/folder\/odd-calls\.yaml:4:1 severity: Invalid option/),
    ])
  })

  it('of an id that two files share', async () => {
    const told = await toldOf({ 'odd-calls.yaml': SPIKE, 'folder/odd-calls.yaml': SPIKE })
    expect(told).toEqual([
      'pack/odd-calls.yaml:1:1 the id odd-calls is also that of pack/folder/odd-calls.yaml',
    ])
  })

  it('of a folder whose name looks like a file', async () => {
    mkdirSync('pack/not-a-file.yaml')
    const told = await toldOf({ 'odd-calls.yaml': SPIKE })
    expect(told).toEqual([expect.stringMatching(/^pack\/not-a-file\.yaml:1:1 cannot be read: EISDIR/)])
  })

  it('of a folder without detections', async () => {
    expect(await toldOf({ 'readme.md': '' })).toEqual(['pack:1:1 there are no detections here'])
  })
})

describe('the pack', () => {
  it('loads whole, a detection a file, sorted by id', async () => {
    const files = await detectionFiles(PACK)
    const ids = (await loadDetections()).map(({ id }) => id)
    expect(ids).toEqual(files.map((file) => basename(file, '.yaml')).sort())
    expect(ids.length).toBeGreaterThanOrEqual(18)
  })

  it('has its events beside each detection', async () => {
    for (const file of await detectionFiles(PACK)) {
      expect(readFileSync(file.replace(/\.yaml$/, '.test.yaml'), 'utf8')).toContain('cases:')
    }
  })

  it('finds every kind in a file of its name', async () => {
    const files = readdirSync(packagePath('src/kinds')).map((name) =>
      basename(name, '.ts').replaceAll('-', '_'),
    )
    expect([...(await loadKinds()).keys()].sort()).toEqual(files.sort())
    expect(files).toContain('match')
  })
})
