import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { packagePath } from '../../src/package-root.js'
import { armTemplates } from '../support/azure-templates.js'

const guide = readFileSync(packagePath('docs', 'azure.md'), 'utf8')

/** The commands that deploy a template: its file, and the names of the parameters given. */
const deployments = Array.from(guide.matchAll(/^az deployment (?:.*\\\n)*.*$/gm), ([command]) => ({
  command,
  file: /--template-file (\S+)/.exec(command)![1]!,
  given: Array.from(command.matchAll(/\b([a-zA-Z]+)=/g), ([, name]) => name!),
}))

/** The parameters of the template that a file of Bicep is written beside. */
function parametersOf(file: string): Readonly<Record<string, object>> {
  const own = armTemplates.get(file.replace(/^deploy\/azure\/|\.bicep$/g, ''))
  const json = file === 'kql/rules.bicep' ? 'kql/arm/all-rules.json' : file
  return (own ?? JSON.parse(readFileSync(packagePath(json), 'utf8'))).parameters
}

describe('each command of the guide that deploys', () => {
  it('is found', () => {
    expect(deployments).toHaveLength(6)
  })

  // A rule of its own folder, which may be built without.
  const there = deployments.filter(
    ({ file }) => existsSync(packagePath(file)) || !file.startsWith('deploy/rules/'),
  )
  it.each(there.map((one) => [one.file, one]))(
    '%s names parameters that there are, and all that must be given',
    (_, { file, given }) => {
      const parameters = parametersOf(file)
      expect(given.filter((name) => !(name in parameters))).toEqual([])
      const wanted = Object.keys(parameters).filter((name) => !('defaultValue' in parameters[name]!))
      expect(wanted.filter((name) => !given.includes(name))).toEqual([])
    },
  )

  it('shows the parameters of main that one may want to give', () => {
    const shown = guide.slice(guide.indexOf('| parameter |'), guide.indexOf('**4.'))
    const named = Array.from(shown.matchAll(/`(\w+)`(?=,| \|)/g), ([, name]) => name!)
    expect(named.length).toBeGreaterThan(8)
    expect(named.filter((name) => !(name in armTemplates.get('main')!.parameters))).toEqual([])
  })
})

describe('the rules that ask for a watchlist', () => {
  const wanted = readdirSync(packagePath('kql', 'rules'))
    .filter((name) => readFileSync(packagePath('kql', 'rules', name), 'utf8').includes('_GetWatchlist('))
    .map((name) => name.replace('.yaml', ''))
    .sort()

  it('are those that the guide says must stay off without it, and that its command switches off', () => {
    const step = guide.slice(guide.indexOf('**6.'), guide.indexOf('**7.'))
    const off = Array.from(step.matchAll(/"([a-z-]+)": false/g), ([, id]) => id!)
    const told = Array.from(
      step.slice(0, step.indexOf('must stay off')).matchAll(/`([a-z-]+)`/g),
      ([, id]) => id!,
    )
    expect(wanted.length).toBeGreaterThan(0)
    expect(off).toEqual(wanted)
    expect(told).toEqual(wanted)
  })
})

/** The rows of the table of costs, as numbers. */
const costs = Array.from(guide.matchAll(/^\| ([\d,]+) \|(.*)\|$/gm), ([, users, rest]) => {
  const cells = rest!.split('|').map((cell) => cell.trim())
  const number = (cell: string) => Number.parseFloat(cell.replace(/[$,]/g, ''))
  const [gigabytes, units, app, hub, appAndShare, sentinel] = cells
  const [processors, memory] = app!.match(/[\d.]+/g)!.map(Number)
  return {
    users: number(users!),
    processors: processors!,
    memory: memory!,
    said: [gigabytes, units, hub, appAndShare, sentinel].map((cell) => number(cell!)),
  }
})

describe('the costs', () => {
  it('are said for three sizes', () => {
    expect(costs.map(({ users }) => users)).toEqual([1_000, 10_000, 100_000])
  })

  it.each(costs)('are what the formulas yield for $users users', ({ users, processors, memory, said }) => {
    const gigabytes = (users * 2.9) / 1_000
    const units = Math.ceil((users * 2.9 * 4) / 86_400)
    const events = (gigabytes * 30 * 1e9) / 64e3 / 1e6
    const seconds = 730 * 3_600
    const app = (processors * seconds - 180_000) * 0.000024 + (memory * seconds - 360_000) * 0.000003
    const hub = units * 730 * 0.03 + events * 0.028
    expect(said).toEqual([
      gigabytes,
      units,
      Math.round(hub),
      Math.round(app + 16),
      Math.round(gigabytes * 30 * 4.3),
    ])
  })

  it('rest on assumptions that add up', () => {
    expect(35 * 6).toBe(210)
    expect(210 + 220 + 15).toBe(445)
    expect((210 * 11.5 + 220 * 2.2 + 15 * 2) / 1_000).toBeCloseTo(2.9, 1)
    for (const text of ['210 of 11.5 kB', '220 of 2.2 kB', '15 of 2 kB', '445 records, 2.9 MB']) {
      expect(guide).toContain(text)
    }
  })
})
