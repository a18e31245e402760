import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.js'
import { packagePath } from '../../src/package-root.js'
import { ACTION_NAMES, actionOf } from '../../src/response/actions.js'
import { views } from '../../src/views/index.js'
import { inTempFolder } from '../support/cli.js'

inTempFolder()

const text = readFileSync(packagePath('docs', 'running.md'), 'utf8')
const daemon = readdirSync(packagePath('src', 'daemon')).map((name) =>
  readFileSync(packagePath('src', 'daemon', name), 'utf8'),
)

/** What the code calls by a pattern, without repetition, sorted. */
function named(pattern: RegExp): string[] {
  const names = daemon.flatMap((code) => Array.from(code.matchAll(pattern), ([, name]) => name!))
  return [...new Set(names)].sort()
}

/** The section of a heading. */
function section(heading: string): string {
  return text.split(/^## /m).find((one) => one.startsWith(heading))!
}

describe('docs/running.md', () => {
  it('shows configurations that are right', async () => {
    const blocks = Array.from(text.matchAll(/```yaml\n([\s\S]*?)```/g), ([, block]) => block!)
    expect(blocks.length).toBeGreaterThan(0)
    for (const block of blocks) {
      writeFileSync('agentwarden.yaml', block)
      await loadConfig('agentwarden.yaml')
    }
  })

  it('names every group of settings', () => {
    const schema = JSON.parse(readFileSync(packagePath('docs', 'agentwarden.schema.json'), 'utf8'))
    const groups = Object.keys(schema.properties).filter((name) => !name.startsWith('$'))
    const table = section('Configuration')
    expect(groups.filter((name) => !table.includes(`\`${name}\``))).toEqual([])
  })

  it('says what to do on every alert of the platform, and of no other', () => {
    const documented = Array.from(
      section('What agentwarden says').matchAll(/^\| `([a-z-]+)`/gm),
      ([, id]) => id,
    )
    expect(documented.sort()).toEqual(named(/\bdetection: '([a-z-]+)'/g))
  })

  it('explains every metric, and no other', () => {
    const documented = Array.from(
      section('Status pages').matchAll(/`([a-z_]+)(?:\{[a-z,]+\})?`/g),
      ([, name]) => name!,
    )
    const known = named(/\bname: '(?:agentwarden_)?([a-z_]+)'/g)
    expect(known.filter((name) => !documented.includes(name))).toEqual([])
    const cells = section('Status pages')
      .split('\n')
      .filter((line) => line.startsWith('| `') && !line.startsWith('| `/'))
    const claimed = cells.flatMap((line) =>
      Array.from(line.split('|')[1]!.matchAll(/`([a-z_]+)/g), ([, name]) => name!),
    )
    expect(claimed.filter((name) => !known.includes(name))).toEqual([])
  })
})

describe('docs/alerts.md and docs/response.md', () => {
  it.each(['alerts.md', 'response.md'])('show sinks that are right: %s', async (page) => {
    const said = readFileSync(packagePath('docs', page), 'utf8')
    const blocks = Array.from(said.matchAll(/```yaml\n(sinks:[\s\S]*?)```/g), ([, block]) => block!)
    expect(blocks.length).toBeGreaterThan(0)
    for (const block of blocks) {
      writeFileSync('agentwarden.yaml', `sources: [{ kind: files, paths: [logs] }]\n${block}`)
      await loadConfig('agentwarden.yaml')
    }
  })

  it('names every action, and the permission that it needs', () => {
    const said = readFileSync(packagePath('docs', 'response.md'), 'utf8')
    const rows = said.split('\n').filter((line) => line.startsWith('| `'))
    const documented = Array.from(rows, (line) => /`([a-z-]+)`/.exec(line)![1])
    expect(documented).toEqual(ACTION_NAMES)
    for (const [index, name] of ACTION_NAMES.entries())
      expect(rows[index]).toContain(`\`${actionOf(name).permission}\``)
  })
})

describe('docs/architecture.md', () => {
  it('says of each folder of the source what belongs there', () => {
    const folders = readdirSync(packagePath('src'), { withFileTypes: true }).filter((one) =>
      one.isDirectory(),
    )
    const table = readFileSync(packagePath('docs', 'architecture.md'), 'utf8').split('| folder |')[1]!
    expect(folders.length).toBeGreaterThan(20)
    expect(folders.filter(({ name }) => !table.includes(`\`src/${name}\``)).map(({ name }) => name)).toEqual(
      [],
    )
  })

  it('names each view', () => {
    const architecture = readFileSync(packagePath('docs', 'architecture.md'), 'utf8')
    expect([...views.keys()].filter((name) => !architecture.includes(`\`${name}\``))).toEqual([])
  })
})

describe('docs/decisions', () => {
  it('are numbered from 1 on, without a hole', () => {
    const numbers = readdirSync(packagePath('docs', 'decisions')).map((name) => Number(name.slice(0, 4)))
    expect(numbers.sort((a, b) => a - b)).toEqual(numbers.map((_, at) => at + 1))
  })
})

/** Every page in Markdown for people who use the project or work in it. */
const pages = [
  ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'],
  ...(readdirSync(packagePath('docs'), { recursive: true }) as string[])
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
]

describe('what the pages refer to', () => {
  it.each(pages)('is there: %s', (page) => {
    const said = readFileSync(packagePath(page), 'utf8')
    const links = Array.from(said.matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g), ([, to]) => to!)
    const dead = links.filter((to) => !existsSync(packagePath(dirname(page), to)))
    const paths = Array.from(
      said.matchAll(/`((?:src|test|docs|deploy|samples|detections|bench|kql)\/[\w./-]*\w)`/g),
      ([, path]) => path!,
    )
    // The recipe for a new detection names it.
    const missing = paths.filter((path) => !existsSync(packagePath(path)) && !path.includes('/new-thing'))
    expect([...dead, ...missing]).toEqual([])
  })

  it('are scripts that there are', () => {
    const { scripts } = JSON.parse(readFileSync(packagePath('package.json'), 'utf8'))
    const named = pages.flatMap((page) =>
      Array.from(
        readFileSync(packagePath(page), 'utf8').matchAll(/npm run (?:--silent )?([\w:]+)/g),
        ([, name]) => name!,
      ),
    )
    expect(named.length).toBeGreaterThan(10)
    expect(named.filter((name) => !(name in scripts))).toEqual([])
  })
})
