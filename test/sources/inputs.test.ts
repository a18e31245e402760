import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { InputError, resolveInputs } from '../../src/sources/inputs.js'

let cwd: string

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'inputs-'))
})

afterEach(() => rm(cwd, { recursive: true }))

async function write(...names: string[]): Promise<void> {
  for (const name of names) {
    await mkdir(dirname(join(cwd, name)), { recursive: true })
    await writeFile(join(cwd, name), '{}\n')
  }
}

async function names(...patterns: string[]): Promise<string[]> {
  const inputs = await resolveInputs(patterns, cwd)
  return inputs.map((input) => input.name.replaceAll('\\', '/'))
}

async function errorOf(...patterns: string[]): Promise<InputError> {
  const error: unknown = await resolveInputs(patterns, cwd).catch((reason) => reason)
  expect(error).toBeInstanceOf(InputError)
  return error as InputError
}

describe('a file', () => {
  it('is taken whatever its name', async () => {
    await write('notes.txt', 'labels.ndjson', '.hidden')
    expect(await names('notes.txt', 'labels.ndjson', '.hidden')).toEqual([
      '.hidden',
      'labels.ndjson',
      'notes.txt',
    ])
  })

  it('has its size in bytes and an absolute path', async () => {
    await write('a.json')
    expect(await resolveInputs(['a.json'], cwd)).toEqual([
      { name: 'a.json', path: join(cwd, 'a.json'), size: 3 },
    ])
  })

  it('is taken by its name even when that reads like a glob', async () => {
    await write('a[1].json', 'a1.json')
    expect(await names('a[1].json')).toEqual(['a[1].json'])
  })

  it('outside the working directory is named by its absolute path', async () => {
    await write('a.json', 'inner/b.json')
    const inputs = await resolveInputs(['../a.json'], join(cwd, 'inner'))
    expect(inputs.map((input) => input.name)).toEqual([join(cwd, 'a.json')])
  })
})

describe('a directory', () => {
  it('gives its log files, also those of the directories within', async () => {
    await write('logs/a.json', 'logs/b.jsonl', 'logs/c.ndjson', 'logs/d.log', 'logs/y=2024/m=01/e.json')
    await write('logs/a.json.gz', 'logs/b.jsonl.gz', 'logs/c.ndjson.gz', 'logs/d.log.gz')
    expect(await names('logs')).toEqual(
      [
        'a.json',
        'a.json.gz',
        'b.jsonl',
        'b.jsonl.gz',
        'c.ndjson',
        'c.ndjson.gz',
        'd.log',
        'd.log.gz',
        'y=2024/m=01/e.json',
      ].map((name) => `logs/${name}`),
    )
  })

  it('passes over other files, dot files, and the labels and planned changes of simulated logs', async () => {
    await write(
      'a.json',
      'a.csv',
      'a.gz',
      '.b.json',
      '.git/c.json',
      'labels.ndjson',
      'sub/labels.ndjson',
      'sub/changes.ndjson',
      'my-labels.ndjson',
    )
    expect(await names('.')).toEqual(['a.json', 'my-labels.ndjson'])
  })

  it('may have a name that reads like a glob', async () => {
    await write('logs (1) [x]/a.json', 'logs 1 x/b.json')
    expect(await names('logs (1) [x]')).toEqual(['logs (1) [x]/a.json'])
  })

  it.skipIf(process.platform === 'win32')('that links to itself is read once', async () => {
    await write('logs/a.json')
    await symlink(join(cwd, 'logs'), join(cwd, 'logs/again'))
    expect(await names('logs')).toEqual(['logs/a.json'])
  })
})

describe('a glob', () => {
  it.each<[string, string[]]>([
    ['logs/*.json', ['logs/a.json', 'logs/b.json']],
    ['logs/**/*.json', ['logs/a.json', 'logs/b.json', 'logs/d=1/c.json', 'logs/d=2/c.json']],
    ['logs/{a,b}.json', ['logs/a.json', 'logs/b.json']],
    ['logs/[b-z].json', ['logs/b.json']],
    ['./logs/../logs/a.*', ['logs/a.json']],
    ['logs/*.ndjson', ['logs/e.ndjson']],
    ['logs/d=*', ['logs/d=1/c.json', 'logs/d=2/c.json']],
  ])(
    '%s gives what matches, without labels, and the log files of directories that match',
    async (pattern, expected) => {
      await write('logs/a.json', 'logs/b.json', 'logs/d=1/c.json', 'logs/d=2/c.json', 'logs/d=2/readme.md')
      await write('logs/e.ndjson', 'logs/labels.ndjson')
      expect(await names(pattern)).toEqual(expected)
      expect(await names(join(cwd, pattern))).toEqual(expected)
    },
  )
})

describe('the result', () => {
  it('is sorted by path and has each file once, whatever the order of the patterns', async () => {
    await write('logs/a.json', 'logs/b.json', 'c.json')
    const expected = ['standard input', 'c.json', 'logs/a.json', 'logs/b.json']
    expect(await names('logs', '-', 'c.json', 'logs/*.json', './c.json', join(cwd, 'c.json'))).toEqual(
      expected,
    )
    expect(await names(join(cwd, 'c.json'), 'logs/b.json', 'logs', '-', '-')).toEqual(expected)
  })

  it.skipIf(process.platform === 'win32')(
    'has a file once that is also named by a symbolic link',
    async () => {
      await write('logs/2024.json')
      await symlink('2024.json', join(cwd, 'logs/current.json'))
      expect(await names('logs/current.json', 'logs')).toEqual(['logs/2024.json'])
    },
  )

  it('has no size for standard input', async () => {
    expect(await resolveInputs(['-'], cwd)).toEqual([{ name: 'standard input', path: '-', size: undefined }])
  })
})

describe('an error names the pattern that', () => {
  it.each([
    ['is no file', 'nowhere.json', 'missing', 'nowhere.json: no such file or directory'],
    ['goes through a file', 'empty/a.txt/b.json', 'missing', 'empty/a.txt/b.json: no such file or directory'],
    ['matches nothing', 'empty/*.json', 'no-match', 'empty/*.json: matches no log files'],
    [
      'is a directory without log files',
      'empty',
      'no-logs',
      'empty: no log files (*.json, *.jsonl, *.ndjson, *.log, or these with .gz)',
    ],
  ])('%s', async (_, pattern, code, message) => {
    await write('empty/a.txt', 'empty/labels.ndjson')
    expect(await errorOf(pattern)).toMatchObject({ code, message })
  })

  it('is missing, for all of them at once', async () => {
    await write('a.json')
    const { code, message } = await errorOf('b.json', 'a.json', '*.log')
    expect(code).toBe('missing')
    expect(message).toBe('b.json: no such file or directory\n*.log: matches no log files')
  })
})
