import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.js'
import { packagePath } from '../../src/package-root.js'
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
