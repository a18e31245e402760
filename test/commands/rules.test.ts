import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { cli, inTempFolder } from '../support/cli.js'
import { writeDetections } from '../support/detection-files.js'

inTempFolder()
writeDetections('two', { first: { kind: 'match' }, second: { kind: 'match' } })
writeDetections('one', {
  first: { kind: 'match' },
  loud: { kind: 'match', kql: { unsupported: 'No clock.' } },
})

describe('rules build', () => {
  it('writes a file of each format for each rule, and those of the pack', async () => {
    const { code, stdout, stderr } = await cli(['rules', 'build', '--detections', 'two', '--out', 'out'])
    expect([code, stderr]).toEqual([0, '2 rules, 9 files\n'])
    expect(stdout.split('\n')).toContain('out/rules/first.yaml')
    expect(readdirSync('out/arm').sort()).toEqual(['all-rules.json', 'first.json', 'second.json'])
  })

  it('removes files of rules that are no more, and nothing else', async () => {
    writeFileSync('out/rules/mine.yaml', 'name: mine')
    mkdirSync('out/queries/folder.kql')
    const { stdout, stderr } = await cli(['rules', 'build', '--detections', 'one', '--out', 'out'])
    expect(stderr).toContain('removed out/arm/second.json\n')
    expect(stderr).toContain('1 rules, 6 files; 1 detections work in the stream only')
    expect(stdout).not.toContain('loud')
    expect(readdirSync('out/rules').sort()).toEqual(['first.yaml', 'mine.yaml'])
    expect(readFileSync('out/README.md', 'utf8')).toContain('- loud: No clock.')
  })

  it('writes just the rules that it is asked for, in the formats that it is asked for', async () => {
    const args = ['--detections', 'two', '--out', 'some', '--only', 'second', '--format', 'kql']
    const { stdout } = await cli(['rules', 'build', ...args])
    expect(stdout).toBe('some/queries/second.kql\n')
    expect(existsSync('some/README.md')).toBe(false)
  })

  it.each([
    [['--only', 'first,second']],
    [['--only', 'first', '--only', 'second']],
    [['--only', 'first', 'second']],
  ])('takes several ids as %j', async (only) => {
    const args = ['--detections', 'two', '--out', 'several', '--format', 'kql', ...only]
    const { stdout } = await cli(['rules', 'build', ...args])
    expect(stdout).toBe('several/queries/first.kql\nseveral/queries/second.kql\n')
  })

  it.each([
    [['--format', 'xml'], 'unknown format xml'],
    [['--only', 'third'], 'there is no detection third'],
    [['--only', 'loud'], 'loud is no rule: No clock.'],
  ])('refuses %j', async (args, message) => {
    const { code, stderr } = await cli(['rules', 'build', '--detections', 'one', ...args])
    expect(code).toBe(2)
    expect(stderr).toContain(message)
  })
})

describe('rules check', () => {
  mkdirSync('bad')
  writeFileSync('bad/rule.yaml', 'name: x\nkind: NRT\nquery: |\n  SigninLogs\n  | where Nope == 1\n')
  writeFileSync('bad/other.yaml', 'on: push\n')
  mkdirSync('nothing')

  it('names place, code and advice of each problem, and fails', async () => {
    const { code, stdout, stderr } = await cli(['rules', 'check', 'bad'])
    expect(stdout).toMatch(/^bad\/rule\.yaml:5:11 error unknown-column: .*Nope.* \(compare the name/m)
    expect(stderr).toMatch(/^1 rules in 2 files: \d+ errors, 0 warnings\n$/)
    expect(code).toBe(1)
  })

  it('writes JSON', async () => {
    const { stdout } = await cli(['rules', 'check', 'bad', '--format', 'json'])
    const place = { file: 'bad/rule.yaml', line: 5, column: 11, level: 'error', code: 'unknown-column' }
    expect(JSON.parse(stdout)).toContainEqual(expect.objectContaining(place))
  })

  it('finds nothing wrong with what was built', async () => {
    await cli(['rules', 'build', '--detections', 'two', '--out', 'kql'])
    const { code, stdout } = await cli(['rules', 'check'])
    expect([code, stdout]).toEqual([0, ''])
  })

  it('wants an id of its own for each rule', async () => {
    mkdirSync('twins')
    const text = readFileSync('kql/rules/first.yaml', 'utf8')
    for (const name of ['a', 'b']) writeFileSync(`twins/${name}.yaml`, text)
    const { stdout } = await cli(['rules', 'check', 'twins'])
    expect(stdout).toContain('twins/b.yaml:1:1 error duplicate-id: ')
  })

  it.each([
    [['no-such-folder'], 2],
    [['nothing'], 2],
    [['bad', '--format', 'xml'], 2],
    [['bad/other.yaml'], 1],
  ])('ends %j with %i', async (args, code) => {
    expect((await cli(['rules', 'check', ...args])).code).toBe(code)
  })
})
