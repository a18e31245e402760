import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { configJsonSchema } from '../../src/config/json-schema.js'
import { defaultConfig, loadConfig } from '../../src/config/load.js'
import { ProblemsError } from '../../src/config/yaml.js'
import { packagePath } from '../../src/package-root.js'
import { inTempFolder } from '../support/cli.js'

inTempFolder()

const SOURCES = 'sources:\n  - kind: files\n    paths: [logs]\n'
const SINKS = 'sinks:\n  - kind: stdout\n'

async function load(text: string) {
  writeFileSync('agentwarden.yaml', text)
  return loadConfig('agentwarden.yaml')
}

/** The problems of a configuration, without the name of the file. */
async function problems(text: string): Promise<string[]> {
  const error = await load(text).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (error === undefined) return []
  if (!(error instanceof ProblemsError)) throw error
  return error.message.split('\n').map((line) => line.replace('agentwarden.yaml:', ''))
}

describe('a configuration', () => {
  it('may consist of a source and a sink: all else has a default', async () => {
    expect(await load(SOURCES + SINKS)).toMatchObject({
      sources: [{ name: 'files', kind: { kind: 'files' }, settings: { paths: ['logs'], every: 1_000 } }],
      sinks: [{ name: 'stdout', kind: { kind: 'stdout' } }],
      state: { directory: './state', save_every: 5_000 },
      server: { enabled: true, host: '127.0.0.1', port: 9464 },
      silence: { enabled: true, floor: 1_800_000 },
      grace: 25_000,
    })
  })

  it('reads lengths of time as milliseconds, and tenants in small letters', async () => {
    const said = `grace: 2m\ntenants: [AAAAAAAA-1111-4111-8111-111111111111]\nstate: { save_every: 500ms }\n`
    const config = await load(said + SOURCES + SINKS)
    expect([config.grace, config.state.save_every, config.tenants]).toEqual([
      120_000,
      500,
      ['aaaaaaaa-1111-4111-8111-111111111111'],
    ])
  })

  it('names its sources and sinks', async () => {
    const two = '  - kind: files\n    name: more\n    paths: [more]\n'
    const config = await load(SOURCES + two + SINKS)
    expect(config.sources.map(({ name }) => name)).toEqual(['files', 'more'])
    expect(config.sources[1]!.settings).not.toHaveProperty('name')
  })

  it('is not needed to follow files', async () => {
    expect(await defaultConfig(['here'])).toMatchObject({
      sources: [{ name: 'files', settings: { paths: ['here'] } }],
      sinks: [{ name: 'stdout' }],
    })
  })

  it.each([
    ['nothing', '', ['1:1 Invalid input: expected object, received null']],
    ['no source', `sources: []\n${SINKS}`, ['1:1 sources: at least one source is needed']],
    ['an unknown key', `${SOURCES}${SINKS}colour: red\n`, ['6:1 unknown key colour']],
    ['an unknown key of a source', `${SOURCES}    colour: red\n${SINKS}`, ['4:5 unknown key colour']],
    [
      'a key that stands twice',
      `${SOURCES}${SINKS}grace: 1s\ngrace: 2s\n`,
      ['7:1 the key grace stands here twice'],
    ],
    [
      'an unknown kind',
      `sources:\n  - kind: pigeons\n${SINKS}`,
      [expect.stringMatching(/^2:5 kind: a source has a kind; known are .*files/)],
    ],
    [
      'no kind',
      `sources:\n  - paths: [a]\n${SINKS}`,
      [expect.stringMatching(/^2:5 kind: a source has a kind; known are .*files/)],
    ],
    ['a setting that is missing', `sources:\n  - kind: files\n${SINKS}`, ['2:5 paths is missing']],
    [
      'two sources of one name',
      `${SOURCES}  - kind: files\n    paths: [more]\n${SINKS}`,
      ['4:5 1: files is there already: give this source another name'],
    ],
    [
      'a name that is none',
      `${SOURCES}    name: A/B\n${SINKS}`,
      ['4:5 name: small letters, digits and hyphens'],
    ],
    [
      'a length of time that is none',
      `${SOURCES}${SINKS}grace: soon\n`,
      ['6:1 grace: a length of time reads like 5s, 30m or 6h'],
    ],
    [
      'a length of time without unit',
      `${SOURCES}${SINKS}grace: 25\n`,
      ['6:1 grace: a length of time reads like 5s, 30m or 6h'],
    ],
    [
      'a length of time that is too long',
      `${SOURCES}${SINKS}grace: 2d\n`,
      ['6:1 grace: must be from 0ms to 1h, got 2d'],
    ],
    [
      'no for false',
      `${SOURCES}${SINKS}silence: { enabled: no }\n`,
      ['6:12 enabled: Invalid input: expected boolean, received string'],
    ],
    [
      'no number',
      `${SOURCES}${SINKS}server: { port: .nan }\n`,
      ['6:11 port: Invalid input: expected number, received NaN'],
    ],
    [
      'a number beyond its bounds',
      `${SOURCES}${SINKS}server: { port: 70000 }\n`,
      [expect.stringContaining('6:11 port: Too big')],
    ],
    [
      'a tenant that is no id',
      `${SOURCES}${SINKS}tenants: [contoso]\n`,
      [expect.stringContaining('6:11 0: a tenant is named by its id')],
    ],
    [
      'an unknown tag',
      `${SOURCES}${SINKS}grace: !!js/function "x"\n`,
      [expect.stringContaining('6:8 Unresolved tag')],
    ],
    ['prototype keys', `${SOURCES}${SINKS}__proto__: { polluted: 1 }\n`, ['6:1 unknown key __proto__']],
  ])('with %s is refused, with line and column', async (_, text, expected) => {
    expect(await problems(text)).toEqual(expect.arrayContaining(expected))
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  it('tells all that is wrong at once', async () => {
    const text = `grace: soon\n${SOURCES}    colour: red\n${SINKS}server: { port: -1 }\n`
    expect(await problems(text)).toHaveLength(3)
  })

  it.each([
    [
      'aliases that stand for gigabytes',
      `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'
        .split('')
        .map((key, index) => `${key}: &${key} [${`*${'abcdefgh'[index]},`.repeat(9)}]`)
        .join('\n')}\n`,
    ],
    ['nesting without end', `a: ${'['.repeat(100_000)}`],
    ['nesting without end after a mistake', `a: b: c\nd: ${'['.repeat(20_000)}`],
    ['more than 4 MB', `# ${'x'.repeat(4_000_001)}`],
  ])('with %s is refused', async (_, text) => {
    expect(await problems(text)).not.toEqual([])
  })

  it('that is not there is refused', async () => {
    await expect(loadConfig('elsewhere.yaml')).rejects.toThrow('elsewhere.yaml:1:1 cannot be read')
  })

  it('refuses a secret that stands in it, without repeating it', async () => {
    const hook = '  - kind: webhook\n    url: https://example.com\n    authorization: Bearer hunter2\n'
    const [problem] = await problems(`${SOURCES}${SINKS}${hook}`)
    expect(problem).toBe(
      '8:5 authorization: a secret is not written here, only where it stands: { env: NAME } or { file: PATH }',
    )
  })
})

describe('docs/agentwarden.schema.json', () => {
  it('is what the program checks by: agentwarden run --schema > docs/agentwarden.schema.json', async () => {
    expect(readFileSync(packagePath('docs', 'agentwarden.schema.json'), 'utf8')).toBe(
      await configJsonSchema(),
    )
  })

  it('says of every setting what it means', async () => {
    const unsaid = settingsOf(JSON.parse(await configJsonSchema()))
      .filter(([, { description, const: fixed }]) => description === undefined && fixed === undefined)
      .map(([path]) => path)
    expect(unsaid).toEqual([])
  })

  it('spells every setting alike', async () => {
    const names = settingsOf(JSON.parse(await configJsonSchema())).map(([path]) => path.split('/').at(-1)!)
    expect(names.filter((name) => !/^(\$schema|[a-z]+(_[a-z]+)*)$/.test(name))).toEqual([])
  })
})

interface Described {
  readonly description?: string
  readonly const?: unknown
  readonly properties?: Readonly<Record<string, Described>>
  readonly [key: string]: unknown
}

/** All properties with their paths. */
function settingsOf(schema: Described, path = ''): [path: string, property: Described][] {
  const own = Object.entries(schema.properties ?? {}).flatMap(([name, property]) => [
    [`${path}/${name}`, property] as [string, Described],
    ...settingsOf(property, `${path}/${name}`),
  ])
  const parts = ['items', 'oneOf', 'anyOf', 'allOf'].flatMap((key) => schema[key] ?? [])
  return [...own, ...parts.flatMap((part) => settingsOf(part as Described, path))]
}
