import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { loadDetections } from '../../src/detections/load.js'
import { compileDetection } from '../../src/kql/compile.js'
import { armTemplate } from '../../src/sentinel/arm.js'
import { bicepModule } from '../../src/sentinel/bicep.js'
import { FORMATS, filesOfPack, filesOfRules, rulesOf } from '../../src/sentinel/build.js'
import { readRules } from '../../src/sentinel/check/files.js'
import { CHECKS, checkRule } from '../../src/sentinel/check/index.js'
import { indexPage } from '../../src/sentinel/index-page.js'
import { ruleProperties } from '../../src/sentinel/properties.js'
import { yamlRule, yamlText } from '../../src/sentinel/yaml.js'
import { armSchema } from '../support/arm-schema.js'
import { readBicep } from '../support/bicep.js'
import { DETECTION, RULE } from '../support/rules.js'

/** The rules that are part of the repository. */
const KQL = new URL('../../kql/', import.meta.url)

const detections = await loadDetections()
const rules = rulesOf(detections, compileDetection)
const filesOf = () => new Map([...filesOfRules(rules, FORMATS), ...filesOfPack(rules, detections, FORMATS)])
const files = filesOf()

describe('a small rule reads as it did before', () => {
  it.each([
    ['yaml', yamlText(RULE)],
    ['json', armTemplate(RULE)],
    ['bicep', bicepModule([RULE])],
    ['md', indexPage([RULE], [DETECTION, { ...DETECTION, id: 'other', streamOnly: 'It needs\n a clock.' }])],
    ['kql', [...filesOfRules([RULE], ['kql']).values()][0]!],
  ])('as .%s', async (extension, text) => {
    await expect(text).toMatchFileSnapshot(`golden/odd-thing.${extension}`)
  })
})

describe('the pack', () => {
  it('is written alike twice', () => {
    expect([...filesOf()]).toEqual([...files])
  })

  it.each([...files.keys()])('is what lies in kql/%s; npm run kql writes it anew', (path) => {
    expect(readFileSync(new URL(path, KQL), 'utf8')).toBe(files.get(path))
  })

  it('is all that lies in kql/', () => {
    const lying = readdirSync(KQL, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    expect(lying).toHaveLength(files.size)
  })

  it('is ASCII in every file', () => {
    for (const [path, text] of files) expect(text, path).toMatch(/^[\t\n\x20-\x7E]*$/)
  })

  it('parses back from YAML as it was', () => {
    for (const rule of [RULE, ...rules]) expect(parse(yamlText(rule))).toEqual(yamlRule(rule))
  })

  it.each([...files.keys()].filter((path) => path.endsWith('.json')))(
    'holds to the published types in %s',
    (path) => {
      expect(armSchema.safeParse(JSON.parse(files.get(path)!)).error).toBeUndefined()
    },
  )

  it('has the same rules in Bicep as in the templates', () => {
    const all = [RULE, ...rules]
    const bicep = readBicep(bicepModule(all))
    expect(bicep).toHaveLength(all.length)
    for (const [index, { type, body }] of bicep.entries()) {
      const { enabled, ...properties } = body.properties as Record<string, unknown>
      expect(type).toBe('Microsoft.SecurityInsights/alertRules@2025-09-01')
      expect(body).toMatchObject({ scope: 'law', name: all[index]!.id, kind: 'Scheduled' })
      expect(enabled).toContain(all[index]!.detection)
      expect({ ...properties, enabled: true }).toEqual(ruleProperties(all[index]!))
    }
  })

  it('leaves a text in brackets a text, no expression', () => {
    const { resources } = JSON.parse(armTemplate({ ...RULE, name: '[x]', query: '[a]' }))
    expect(resources[0].properties).toMatchObject({ displayName: '[[x]', query: '[[a]' })
  })

  // Binding a query takes its time: those that stand alone are those of the rules, under a head of comments.
  it('has the queries of its rules by themselves', () => {
    for (const { detection, query } of rules) {
      const text = files.get(`queries/${detection}.kql`)!
      expect(text.endsWith(`\n${query}\n`)).toBe(true)
      const head = text.slice(0, -query.length - 2).split('\n')
      expect(head).toEqual(head.map(() => expect.stringMatching(/^\/\/ /)))
    }
  })

  const standAlone = [...files.keys()].filter((path) => path.endsWith('.kql')).slice(1)
  it.each([...files.keys()].filter((path) => !/\.(md|bicep)$/.test(path) && !standAlone.includes(path)))(
    'passes every check: %s',
    (path) => {
      const { rules: found, findings } = readRules(path, files.get(path)!)
      expect(found.length).toBeGreaterThan(0)
      expect([...findings, ...found.flatMap(checkRule)]).toEqual([])
    },
  )

  it('is checked by codes that differ', () => {
    expect(new Set(CHECKS.map(({ code }) => code)).size).toBe(CHECKS.length)
  })
})
