import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { packagePath } from '../../src/package-root.js'
import { cli, inTempFolder } from '../support/cli.js'
import { writeDetections } from '../support/detection-files.js'
import { graphCall } from '../support/records.js'

inTempFolder()

const { version } = JSON.parse(readFileSync(packagePath('package.json'), 'utf8')) as { version: string }

writeFileSync('log.ndjson', JSON.stringify(graphCall({ timeGenerated: '2026-10-20T03:12:44Z' })))
mkdirSync('empty')
writeDetections('good', { every: { kind: 'match' } })
writeDetections('bad', {
  first: { kind: 'match', severity: 'extreme', alert: '{Nobody}' },
  second: { kind: 'match', where: { Colour: 'red' } },
})
writeFileSync('agents.yaml', 'agents:\n  - id: a\n    onwer: ada\n  - id: A\n    status: gone\n')
writeFileSync('agents.csv', 'id,networks\na,office\n\n,10.0.0.0/8\na,\n')
writeFileSync('broken.csv', 'id,name\na,"b\nc,d\n')

describe('help', () => {
  it('says what agentwarden is for, which commands there are and where to start', async () => {
    const { code, stdout, stderr } = await cli(['--help'])
    expect(stdout).toContain('Detections for AI-agent identities in Microsoft Entra')
    for (const command of ['replay', 'simulate', 'rows', 'detections', 'kql'])
      expect(stdout).toContain(`  ${command}`)
    expect(stdout).toContain('Start with:  agentwarden replay samples')
    expect([code, stderr]).toEqual([0, ''])
  })

  it('is also what comes of no command at all, on standard error', async () => {
    const { code, stdout, stderr } = await cli([])
    expect(stderr).toBe((await cli(['--help'])).stdout)
    expect([code, stdout]).toEqual([2, ''])
  })

  it('on replay teaches by example, and names exit codes and formats', async () => {
    const { code, stdout } = await cli(['replay', '--help'])
    for (const option of [
      '--agents',
      '--since',
      '--until',
      '--fail-on',
      '--state',
      '--reorder',
      '--out',
      '--quiet',
    ])
      expect(stdout).toContain(`  ${option}`)
    expect(stdout).toContain('Examples:\n  agentwarden replay samples\n')
    expect(stdout).toContain('Exit code: 0 done, 1 failed or --fail-on reached, 2 wrong usage.')
    expect(stdout).toContain('(choices: "table", "ndjson", "ocsf", default: "table")')
    expect(code).toBe(0)
  })

  it.each([
    ['simulate'],
    ['rows'],
    ['detections'],
    ['detections', 'list'],
    ['detections', 'show'],
    ['detections', 'test'],
  ])('on %s %s is there', async (...command) => {
    const { code, stdout, stderr } = await cli([...command, '--help'])
    expect(stdout).toContain(`Usage: agentwarden ${command.join(' ')}`)
    expect([code, stderr]).toEqual([0, ''])
  })

  it('fits the terminal', async () => {
    const { stdout } = await cli(['--help'], { columns: 80 })
    const [usage] = stdout.split('\nStart with')
    expect(Math.max(...usage!.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
  })

  it('has the version of the package beside it', async () => {
    expect(await cli(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
  })
})

describe('exit code 2 and a sentence on standard error come of', () => {
  it.each([
    ['an unknown command', ['reply', 'log.ndjson'], "error: unknown command 'reply'\n(Did you mean replay?)"],
    [
      'an unknown option',
      ['replay', 'log.ndjson', '--fromat', 'ndjson'],
      "error: unknown option '--fromat'\n(Did you mean --format?)",
    ],
    [
      'an option without its value',
      ['replay', 'log.ndjson', '--out'],
      "error: option '--out <file>' argument missing",
    ],
    ['no input', ['replay'], "error: missing required argument 'input'"],
    [
      'an unknown format',
      ['replay', 'log.ndjson', '--format', 'xml'],
      "'xml' is invalid. Allowed choices are table, ndjson, ocsf.",
    ],
    [
      'an unknown severity',
      ['replay', 'log.ndjson', '--fail-on', 'worst'],
      'Allowed choices are informational, low, medium, high.',
    ],
    [
      'an unknown population',
      ['replay', 'log.ndjson', '--identities', 'people'],
      'Allowed choices are agentic, inventory, workloads.',
    ],
    [
      'a time that is none',
      ['replay', 'log.ndjson', '--since', 'yesterday'],
      'a time reads like 2026-11-20 or 2026-11-20T03:00:00Z',
    ],
    [
      'a day that no month has',
      ['replay', 'log.ndjson', '--until', '2026-02-30'],
      'a time reads like 2026-11-20 or 2026-11-20T03:00:00Z',
    ],
    ['a wait of too many hours', ['replay', 'log.ndjson', '--reorder', '25'], 'must be from 0 to 24'],
    ['a wait that is no number', ['replay', 'log.ndjson', '--reorder', 'long'], 'must be from 0 to 24'],
    ['a wait that is nothing', ['replay', 'log.ndjson', '--reorder', ''], 'must be from 0 to 24'],
    [
      'a file that is not there',
      ['replay', 'nolog.ndjson'],
      'error: nolog.ndjson: no such file or directory\n',
    ],
    ['a pattern that matches nothing', ['replay', '*.gz'], 'error: *.gz: matches no log files\n'],
    [
      'a folder without logs',
      ['replay', 'empty'],
      'error: empty: no log files (*.json, *.jsonl, *.ndjson, *.log, or these with .gz)\n',
    ],
    [
      'a folder of detections that is not there',
      ['replay', 'log.ndjson', '--detections', 'nowhere'],
      'nowhere:1:1 cannot be read: there is no such file or directory\n',
    ],
    [
      'a folder without detections',
      ['replay', 'log.ndjson', '--detections', 'empty'],
      'empty:1:1 there are no detections here\n',
    ],
    [
      'a file for a folder of detections',
      ['replay', 'log.ndjson', '--detections', 'log.ndjson'],
      'log.ndjson:1:1 cannot be read: ENOTDIR',
    ],
    [
      'an inventory that is not there',
      ['replay', 'log.ndjson', '--agents', 'no.yaml'],
      'no.yaml:1:1 cannot be read: there is no such file or directory\n',
    ],
    [
      'a folder for an inventory',
      ['replay', 'log.ndjson', '--agents', 'empty'],
      'empty:1:1 cannot be read: EISDIR',
    ],
    [
      'an unknown detection',
      ['detections', 'show', 'nothing'],
      'error: there is no detection nothing; see agentwarden detections list\n',
    ],
    [
      'a simulation of nobody',
      ['simulate', '--out', 'tenant', '--agents', '0'],
      'error: agents must be a whole number from 1 on, got 0\n',
    ],
    ['no place for the rows', ['rows', 'log.ndjson'], "error: required option '--out <dir>' not specified"],
  ])('%s', async (_, args, said) => {
    const { code, stdout, stderr } = await cli(args)
    expect(stderr).toContain(said)
    expect(stderr).not.toMatch(/\n +at /)
    expect([code, stdout]).toEqual([2, ''])
  })

  it('several files that are not there, each named', async () => {
    const { code, stderr } = await cli(['replay', 'one.json', 'log.ndjson', 'two.json', '*.gz'])
    expect(stderr).toBe(
      'error: one.json: no such file or directory\ntwo.json: no such file or directory\n*.gz: matches no log files\n',
    )
    expect(code).toBe(2)
  })
})

describe('all that is wrong is told at once, as file:line:col, with exit code 2', () => {
  it('in detections', async () => {
    const { code, stdout, stderr } = await cli(['replay', 'log.ndjson', '--detections', 'bad'])
    expect(stderr.split('\n')).toEqual([
      expect.stringMatching(/^bad\/first\.yaml:4:1 severity: Invalid option/),
      'bad/first.yaml:8:1 there is nothing called Nobody to put into the alert',
      'bad/second.yaml:20:3 there is no column Colour',
      '',
    ])
    expect([code, stdout]).toEqual([2, ''])
  })

  it('in an inventory in YAML', async () => {
    const { code, stderr } = await cli(['replay', 'log.ndjson', '--agents', 'agents.yaml'])
    expect(stderr.split('\n')).toEqual([
      'agents.yaml:3:5 unknown key onwer',
      'agents.yaml:4:5 a is listed twice',
      expect.stringMatching(/^agents\.yaml:5:5 status: Invalid option/),
      '',
    ])
    expect(code).toBe(2)
  })

  it('in an inventory in CSV', async () => {
    const { code, stderr } = await cli(['replay', 'log.ndjson', '--agents', 'agents.csv'])
    expect(stderr.split('\n')).toEqual([
      'agents.csv:2:1 networks.0: not an address range',
      expect.stringMatching(/^agents\.csv:4:1 id: /),
      'agents.csv:5:1 a is listed twice',
      '',
    ])
    expect(code).toBe(2)
  })

  it('in a CSV file that is none', async () => {
    const { code, stderr } = await cli(['replay', 'log.ndjson', '--agents', 'broken.csv'])
    expect(stderr).toMatch(/^broken\.csv:\d:1 Quote Not Closed/)
    expect(code).toBe(2)
  })
})

describe('results', () => {
  it.each([
    [
      'replay',
      ['replay', 'log.ndjson', '--detections', 'good', '--format', 'ndjson'],
      /^\{"id".*\}\n$/,
      /^Read 1 record of 1 agent /,
    ],
    ['detections list', ['detections', 'list', '--detections', 'good'], /every/, /^$/],
    [
      'detections show',
      ['detections', 'show', 'every', '--detections', 'good'],
      /^A detection under test/,
      /^$/,
    ],
    ['rows', ['rows', 'log.ndjson', '--out', 'rows'], /^$/, /1 {2}MicrosoftGraphActivityLogs\.ndjson/],
  ])('of %s stand on stdout, and what is said of them on stderr', async (_, args, result, said) => {
    const { code, stdout, stderr } = await cli(args)
    expect(stdout).toMatch(result)
    expect(stderr).toMatch(said)
    expect(code).toBe(0)
  })
})

describe('the whole way from made-up logs', () => {
  it('simulate writes a tenant that replay reads, with its inventory, and rows writes as tables', async () => {
    const made = await cli([
      'simulate',
      '--out',
      'tenant',
      '--agents',
      '3',
      '--days',
      '2',
      '--attacks',
      'none',
      '--gzip',
    ])
    expect(made).toMatchObject({ code: 0, stdout: '' })
    expect(made.stderr).toMatch(/^\d+ messages, 0 attacks in tenant\n$/)
    const replayed = await cli(['replay', 'tenant', '--agents', 'tenant/agents.yaml'])
    expect(replayed.code).toBe(0)
    expect(replayed.stderr).toMatch(/^Read [1-9]/)
    expect(replayed.stderr).not.toContain('Dead letters')
    const rows = await cli(['rows', 'tenant', '--out', 'tables'])
    expect(rows.code).toBe(0)
    expect(rows.stderr).toContain('AADServicePrincipalSignInLogs.ndjson')
    expect(rows.stderr).not.toContain('dead-letters')
  })
})
