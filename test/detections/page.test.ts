import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ProblemsError } from '../../src/config/yaml.js'
import { readCapabilities } from '../../src/detections/capabilities.js'
import { loadDetections } from '../../src/detections/load.js'
import { detectionsPage, groupsOf } from '../../src/detections/page.js'
import { packagePath } from '../../src/package-root.js'
import { inTempFolder } from '../support/cli.js'

inTempFolder()

const detections = await loadDetections()
const capabilities = await readCapabilities(packagePath('docs', 'capabilities.yaml'), detections)
const page = detectionsPage(detections, capabilities)

describe('docs/detections.md', () => {
  it('is what the detections say; npm run docs writes it anew', () => {
    expect(readFileSync(packagePath('docs', 'detections.md'), 'utf8')).toBe(page)
  })

  it('has a section of each detection, and links to no other', () => {
    const sections = Array.from(page.matchAll(/^### (.*)$/gm), ([, id]) => id!)
    expect(sections.toSorted()).toEqual(detections.map(({ id }) => id))
    const links = Array.from(page.matchAll(/\]\(#([^)]*)\)/g), ([, id]) => id!)
    expect([...new Set(links)].toSorted()).toEqual(detections.map(({ id }) => id))
  })

  it('has rows of as many cells as their head', () => {
    for (const block of page.split('\n\n').filter((part) => part.startsWith('| '))) {
      const cells = block.split('\n').map((line) => line.split(/(?<!\\)\|/).length)
      expect(new Set(cells).size, block.slice(0, 60)).toBe(1)
    }
  })

  it('compares each of the 58 capabilities of other packs once', () => {
    const names = capabilities.capabilities.map(({ what }) => what)
    expect(names).toHaveLength(58)
    expect(new Set(names).size).toBe(58)
  })
})

describe('the table of README.md', () => {
  const readme = readFileSync(packagePath('README.md'), 'utf8')

  it('names each detection once, by what it is about, with how many there are', () => {
    const rows = readme.matchAll(/^\| (\w+) \((\d+)\) \| ([a-z, -]+) \|$/gm)
    const said = Array.from(rows, ([, about, count, ids]) => [about, Number(count), ids!.split(', ').sort()])
    const there = groupsOf(detections).map(([about, some]) => [
      about,
      some.length,
      some.map(({ id }) => id).sort(),
    ])
    expect(said.sort()).toEqual(there)
    expect(readme).toContain(`${detections.length} detections: `)
  })
})

describe('a comparison with other packs', () => {
  it.each([
    [
      'a detection that there is not',
      '{ what: x, has: same, by: [nothing] }',
      'there is no detection nothing',
    ],
    ['no reason for another form', '{ what: x, has: form, by: [new-country] }', 'it does not say why'],
    ['no reason for having nothing', '{ what: x, has: not }', 'it does not say why'],
    ['no detection and no reason', '{ what: x, has: same }', 'it does not say why'],
    [
      'a detection of what is not found',
      '{ what: x, has: not, by: [new-country], why: y }',
      'what is not found is found by none',
    ],
  ])('is refused for %s', async (_, line, message) => {
    writeFileSync('capabilities.yaml', `capabilities:\n  - ${line}\n`)
    const error = await readCapabilities('capabilities.yaml', detections).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ProblemsError)
    expect((error as ProblemsError).problems).toEqual([
      { file: 'capabilities.yaml', line: 2, column: expect.any(Number), message },
    ])
  })
})
