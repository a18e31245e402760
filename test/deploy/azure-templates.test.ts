import { readdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadSources } from '../../src/deployment/load.js'
import { packageFiles } from '../../src/deployment/package.js'
import { packagePath } from '../../src/package-root.js'
import { type Call, callsIn, expressionsIn, isExpression, readExpression } from '../support/arm-expression.js'
import { allTemplates, armTemplates, type Json } from '../support/azure-templates.js'
import { templateSchema } from '../support/azure-types.js'
import { bicepOutline, readBicep } from '../support/bicep.js'

const DEPLOY = packagePath('deploy')
const files = packageFiles([], await loadSources(DEPLOY))

const isModule = (one: Json) => one.type === 'Microsoft.Resources/deployments'

/** All calls within a template's own expressions, but not within those of templates in it. */
function callsOf(template: Json): Call[] {
  const own = template.resources.map((one: Json) =>
    isModule(one) ? { ...one, properties: { ...one.properties, template: undefined } } : one,
  )
  return expressionsIn({ ...template, resources: own }).flatMap((text) => callsIn(readExpression(text)))
}

/**
 * Where a resource template and Bicep say something else of a resource. An expression is taken for the same as whatever
 * stands in its place, and so is what Bicep reads from a file.
 */
function differing(arm: Json, bicep: Json, where = ''): string[] {
  if (isExpression(arm) || /^(map\()?load\w+Content\(/.test(bicep)) return []
  if (typeof arm !== 'object' || arm === null || typeof bicep !== 'object')
    return arm === bicep ? [] : [where]
  const keys = [...new Set([...Object.keys(arm), ...Object.keys(bicep)])]
  return keys.flatMap((key) =>
    key in arm && key in bicep ? differing(arm[key], bicep[key], `${where}.${key}`) : [`${where}.${key}`],
  )
}

/** Functions of resource templates that the templates need. */
const FUNCTIONS = [
  ...['parameters', 'concat', 'if', 'not', 'empty', 'null', 'greater', 'max', 'replace', 'string', 'json'],
  ...['createArray', 'createObject', 'guid', 'uniqueString', 'resourceGroup', 'environment'],
  ...['resourceId', 'subscriptionResourceId', 'reference'],
]

describe('the folder deploy', () => {
  const written = [...files.keys()].filter((path) => !path.endsWith('/Solution_agentwarden.json'))
  it.each(written)('has %s as it is written; npm run kql writes it anew', (path) => {
    expect(readFileSync(`${DEPLOY}/${path}`, 'utf8')).toBe(files.get(path))
  })

  it('has no template besides', () => {
    const lying = readdirSync(`${DEPLOY}/azure`, { recursive: true, withFileTypes: true })
    const paths = lying
      .filter((entry) => entry.isFile() && /\.(json|bicep)$/.test(entry.name))
      .map(({ parentPath, name }) => `${parentPath}/${name}`.slice(DEPLOY.length + 1))
    expect(paths.sort()).toEqual(written.filter((path) => path.startsWith('azure/')).sort())
  })
})

describe.each([...armTemplates])('the template %s', (_, template) => {
  it('holds to the published types', () => {
    expect(templateSchema.safeParse(template).error?.issues).toBeUndefined()
  })

  it('keeps below the limits of a template and of a resource', () => {
    const resources = template.resources.map((one: Json) => JSON.stringify(one).length)
    expect(Math.max(...resources)).toBeLessThan(1_000_000)
    expect(Object.keys(template.parameters).length).toBeLessThan(256)
  })
})

describe.each(allTemplates)('the expressions of %s', (_, template) => {
  const calls = callsOf(template)

  it('call functions that resource templates have', () => {
    expect([...new Set(calls.map(({ name }) => name))].filter((name) => !FUNCTIONS.includes(name))).toEqual(
      [],
    )
  })

  it('use each parameter, and no other', () => {
    const used = calls.filter(({ name }) => name === 'parameters').map(({ args: [name] }) => name)
    expect([...new Set(used)].sort()).toEqual(Object.keys(template.parameters).sort())
  })

  it('read what a resource is only where its properties and outputs stand', () => {
    const others = template.resources.map(({ properties: _, ...rest }: Json) => rest)
    const read = expressionsIn([others, template.parameters]).flatMap((text) => callsIn(readExpression(text)))
    expect(read.filter(({ name }) => name === 'reference')).toEqual([])
  })

  it('wait for nothing that the template does not deploy', () => {
    const types = template.resources.map(({ type }: Json) => type)
    const waited = template.resources
      .flatMap(({ dependsOn = [] }: Json) => dependsOn)
      .map((text: string) => (readExpression(text) as Call).args.find((arg) => String(arg).includes('/')))
    expect(waited.filter((type: string) => !types.includes(type))).toEqual([])
  })
})

const modules = allTemplates.flatMap(([, { resources }]) => resources.filter(isModule))

describe.each(modules.map((one) => [one.name, one]))('the module %s', (_, { properties }) => {
  it('is given every parameter that has no default, and no other', () => {
    const { parameters } = properties.template
    const given = Object.keys(properties.parameters)
    expect(given.filter((name) => !(name in parameters))).toEqual([])
    const wanted = Object.keys(parameters).filter((name) => !('defaultValue' in parameters[name]))
    expect(wanted.filter((name) => !given.includes(name))).toEqual([])
  })
})

describe('what a module yields', () => {
  it('is there where it is read', () => {
    const outputs = new Map(modules.map(({ name, properties }) => [name, properties.template.outputs ?? {}]))
    const read = allTemplates
      .flatMap(([, template]) => callsOf(template))
      .filter(({ name, path }) => name === 'reference' && path.startsWith('.outputs.'))
    expect(read.length).toBeGreaterThan(2)
    for (const { args, path } of read) {
      const module = (args[0] as Call).args.at(-1) as string
      expect(Object.keys(outputs.get(module)!), module).toContain(path.split('.')[2])
    }
  })
})

describe('Bicep', () => {
  const bicep = [...files.keys()].filter((path) => path.endsWith('.bicep'))
  const armOf = (path: string) => {
    const name = path.replace(/^azure\/(modules\/)?/, '').replace('.bicep', '')
    return armTemplates.get(name) ?? allTemplates.find(([one]) => one === `agentwarden-${name}`)![1]
  }

  it.each(bicep)(
    'has the same parameters, resources, modules and outputs as the resource template: %s',
    (path) => {
      const { parameters, resources, modules: inner, outputs } = bicepOutline(files.get(path)!)
      const arm = armOf(path)
      expect(parameters).toEqual(
        Object.entries(arm.parameters).map(([name, one]) => ({
          name,
          type: (one as Json).type,
          description: (one as Json).metadata.description,
          optional: 'defaultValue' in (one as Json),
        })),
      )
      const deployed = arm.resources.filter((one: Json) => !isModule(one))
      expect(resources.filter(({ existing }) => !existing).map(({ type }) => type)).toEqual(
        deployed.map((one: Json) => `${one.type}@${one.apiVersion}`),
      )
      expect(resources.filter(({ existing }) => !existing).map(({ conditional }) => conditional)).toEqual(
        deployed.map((one: Json) => 'condition' in one),
      )
      expect(inner).toHaveLength(arm.resources.length - deployed.length)
      expect(outputs).toEqual(Object.keys(arm.outputs ?? {}))
    },
  )

  it.each(bicep)('says of each resource what the resource template says: %s', (path) => {
    const deployed = armOf(path).resources.filter((one: Json) => !isModule(one))
    const differences = readBicep(files.get(path)!).flatMap(({ type, body }, at) => {
      const { type: _, apiVersion, condition, dependsOn, scope, name, ...arm } = deployed[at]
      const { parent, scope: on, name: called, dependsOn: after, ...said } = body
      return differing(arm, said).map((where) => `${type}${where}`)
    })
    expect(differences).toEqual([])
  })

  it.each(bicep)('names files that are there: %s', (path) => {
    const { modules: inner, loaded } = bicepOutline(files.get(path)!)
    const folder = dirname(`${DEPLOY}/${path}`)
    for (const file of [...inner, ...loaded])
      expect(() => readFileSync(`${folder}/${file}`), file).not.toThrow()
  })
})

describe('no template', () => {
  const texts = [...files].filter(([path]) => path.startsWith('azure/'))
  it.each(texts)('has a secret in it, asks for a key or yields one: %s', (_, text) => {
    expect(text).not.toMatch(/\blist[A-Z]\w*\(|\.list[A-Z]\w*\(/)
    expect(text).not.toMatch(/secure(String|Object)|SharedAccessKey|AccountKey|primaryKey|connectionString/i)
  })
})
