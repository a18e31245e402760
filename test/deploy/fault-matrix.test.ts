import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { packagePath } from '../../src/package-root.js'

const text = readFileSync(packagePath('docs', 'fault-matrix.md'), 'utf8')
const rows = text
  .split('\n')
  .filter((line) => /^\| \d/.test(line))
  .map((line) => line.split(' | '))

/** The tests that are named: each file with the names after it. */
function named(): { file: string; name: string }[] {
  const files = text.matchAll(/`(test\/[^`]+)`((?:,? "[^"]+")*)/g)
  return Array.from(files).flatMap(([, file, names]) =>
    Array.from(names!.matchAll(/"([^"]+)"/g), ([, name]) => ({ file: file!, name: name! })),
  )
}

const contents = new Map<string, string>()

function contentOf(file: string): string {
  const known = contents.get(file)
  if (known !== undefined) return known
  const path = packagePath(...file.split('/'))
  const content = existsSync(path) ? readFileSync(path, 'utf8') : ''
  contents.set(file, content)
  return content
}

describe('docs/fault-matrix.md', () => {
  it('has every case once, each covered, in part, not applicable or open', () => {
    expect(rows.map(([number]) => Number(number!.slice(2)))).toEqual(
      Array.from({ length: 60 }, (_, at) => at + 1),
    )
    for (const [, , , state] of rows) expect(['covered', 'partly', 'n.a.', 'open']).toContain(state)
  })

  it('names tests that there are', () => {
    expect(named().length).toBeGreaterThan(100)
    expect(named().filter(({ file, name }) => !contentOf(file).includes(name))).toEqual([])
  })

  it('names a test for every case that it calls covered', () => {
    const covered = rows.filter(([, , , state]) => state === 'covered' || state === 'partly')
    expect(
      covered.filter(([, , , , proof]) => !/`test\/[^`]+` "/.test(proof!)).map(([number]) => number),
    ).toEqual([])
  })

  it('counts them', () => {
    for (const state of ['covered', 'partly', 'n.a.', 'open']) {
      const count = rows.filter((row) => row[3] === state).length
      expect(text).toContain(`*${state}* ${count}`)
    }
  })
})
