import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { attackProblem, TACTICS } from '../../src/detections/attack.js'
import { packagePath } from '../../src/package-root.js'
import { solutionPaths, solutionText, yamlFiles } from '../support/solution.js'

/**
 * What the checks of the Azure-Sentinel repository ask of a solution, said again: its validators are C# and TypeScript
 * over the whole repository.
 */
const guid = z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
const semver = z.string().regex(/^\d+\.\d+\.\d+$/)
const technique = z.string().regex(/^T\d{4}(\.\d{3})?$/)

/** Of the repository's list of connectors: those that bring Entra's logs, and Azure's activity log. */
const connectors = z.array(
  z.strictObject({
    connectorId: z.enum(['AzureActiveDirectory', 'AzureActivity']),
    dataTypes: z.array(z.string()).min(1),
  }),
)

const entities = z
  .array(
    z.strictObject({
      entityType: z.enum(['Account', 'CloudApplication', 'IP', 'AzureResource']),
      fieldMappings: z
        .array(z.strictObject({ identifier: z.string(), columnName: z.string() }))
        .min(1)
        .max(3),
    }),
  )
  .min(1)
  .max(10)

const shared = {
  file: z.string(),
  id: guid,
  name: z.string().min(1).max(256),
  description: z
    .string()
    .regex(/^(Identifies|Detects) /)
    .max(5000),
  requiredDataConnectors: connectors,
  tactics: z.array(z.enum(TACTICS)).min(1),
  relevantTechniques: z.array(technique).min(1),
  query: z.string().min(1).max(10_000),
  entityMappings: entities,
  version: semver,
}

const rule = z.strictObject({
  ...shared,
  severity: z.enum(['Informational', 'Low', 'Medium', 'High']),
  queryFrequency: z.string().regex(/^\d+[mhd]$/),
  queryPeriod: z.string().regex(/^\d+[mhd]$/),
  triggerOperator: z.enum(['gt', 'lt', 'eq', 'ne']),
  triggerThreshold: z.int().min(0).max(10_000),
  status: z.literal('Available'),
  customDetails: z.record(z.string().regex(/^[a-zA-Z]\w{0,19}$/), z.string()),
  alertDetailsOverride: z.strictObject({
    alertDisplayNameFormat: z.string().max(256),
    alertDescriptionFormat: z.string().max(5000),
    alertSeverityColumnName: z.string().optional(),
  }),
  eventGroupingSettings: z.strictObject({ aggregationKind: z.enum(['SingleAlert', 'AlertPerResult']) }),
  incidentConfiguration: z.unknown(),
  kind: z.literal('Scheduled'),
})

const parser = z.strictObject({
  file: z.string(),
  id: guid,
  Function: z.strictObject({
    Title: z.string().min(1),
    Version: semver,
    LastUpdated: z.string().regex(/^\d{4}-\d\d-\d\d$/),
  }),
  Category: z.literal('Microsoft Sentinel Parser'),
  FunctionName: z.string().regex(/^[A-Za-z_]\w*$/),
  FunctionAlias: z.string(),
  FunctionParams: z.array(z.strictObject({ Name: z.string(), Type: z.string(), Default: z.string() })),
  FunctionQuery: z.string().min(1),
})

type Rule = z.output<typeof rule>
type Parser = z.output<typeof parser>

/** The rules of the pack lie in `kql/rules`, others in `deploy/rules`. */
const PACK = readdirSync(packagePath('kql', 'rules')).sort()
const rules = yamlFiles<Rule>('Analytic Rules')
const hunting = yamlFiles<Pick<Rule, 'id' | 'tactics' | 'relevantTechniques'>>('Hunting Queries')
const parsers = yamlFiles<Parser>('Parsers')
const data = JSON.parse(solutionText('Data/Solution_agentwarden.json'))
const metadata = JSON.parse(solutionText('SolutionMetadata.json'))

describe('analytic rules', () => {
  const pack = rules.filter(({ file }) => PACK.includes(`${file}.yaml`))
  it.each(pack.map((one) => [one.file, one]))('%s is a template of a rule', (_, one) => {
    expect(rule.safeParse(one).error?.issues).toBeUndefined()
    // Sentinel writes its alerts itself.
    expect(one.requiredDataConnectors.length === 0).toBe(one.query.includes('(SecurityAlert'))
  })

  it('are those of kql/rules, byte by byte', () => {
    expect(pack.map(({ file }) => `${file}.yaml`).sort()).toEqual(PACK)
    for (const name of PACK) {
      const text = readFileSync(packagePath('kql', 'rules', name), 'utf8')
      expect(solutionText(`Analytic Rules/${name}`)).toBe(text)
    }
  })
})

describe('hunting queries', () => {
  it.each(hunting.map((one) => [one.file, one]))('%s is a hunting query', (_, one) => {
    expect(z.strictObject(shared).safeParse(one).error?.issues).toBeUndefined()
  })

  it.each(hunting.map((one) => [one.file, one]))('%s names techniques of its tactics', (_, one) => {
    const odd = one.relevantTechniques.filter((id) =>
      one.tactics.every((tactic) => attackProblem(tactic, id) !== undefined),
    )
    expect(odd).toEqual([])
  })
})

describe('parsers', () => {
  it.each(parsers.map((one) => [one.file, one]))('%s is a parser', (_, one) => {
    expect(parser.safeParse(one).error?.issues).toBeUndefined()
    expect([one.FunctionName, one.FunctionAlias]).toEqual([one.file, one.file])
  })

  it.each(parsers.map(({ file }) => file))('%s has its version and its date in quotes', (file) => {
    const text = solutionText(`Parsers/${file}.yaml`)
    expect(text).toMatch(/^ {2}Version: '/m)
    expect(text).toMatch(/^ {2}LastUpdated: '/m)
  })
})

describe('what the packaging tool reads first', () => {
  const kinds = ['Analytic Rules', 'Hunting Queries', 'Parsers', 'Workbooks', 'Watchlists', 'Playbooks']

  it('lists all content that there is', () => {
    const there = solutionPaths().filter((path) => kinds.includes(path.split('/')[0]!))
    const listed = kinds.flatMap((kind) => data[kind] ?? [])
    expect(listed.sort()).toEqual(there)
  })

  it('has a version that the release notes tell, with the date of the metadata', () => {
    const [day, month, year] = /\| *3\.\S+ *\| *(\d\d)-(\d\d)-(\d{4}) *\|/
      .exec(solutionText('ReleaseNotes.md'))!
      .slice(1)
    expect(solutionText('ReleaseNotes.md')).toContain(`| ${data.Version} `)
    expect(metadata.lastPublishDate).toBe(`${year}-${month}-${day}`)
    expect(semver.safeParse(data.Version).success).toBe(true)
  })

  it('names the file of metadata, which says who answers', () => {
    expect(solutionPaths()).toContain(data.Metadata)
    expect(metadata).toMatchObject({
      publisherId: expect.any(String),
      offerId: expect.stringMatching(/^azure-sentinel-solution-/),
      providers: expect.any(Array),
      categories: { domains: expect.any(Array) },
      support: { name: expect.any(String), tier: 'Community', link: expect.stringMatching(/^https:/) },
    })
  })
})

describe('all content', () => {
  it('has ids that differ', () => {
    const ids = [...rules, ...hunting, ...parsers].map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it.each(solutionPaths())('is ASCII without blanks at the end of a line: %s', (path) => {
    const text = solutionText(path)
    expect(text).toMatch(/^[\t\r\n\x20-\x7E]*$/)
    expect(text).not.toMatch(/[ \t]$/m)
    expect(text).not.toContain('Azure Sentinel ')
  })

  it('is YAML, JSON or Markdown, each where it belongs', () => {
    const odd = solutionPaths().filter(
      (path) => !/\.(json|md)$|^(Analytic Rules|Hunting Queries|Parsers)\/.*\.yaml$/.test(path),
    )
    expect(odd).toEqual([])
  })
})
