import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { armText, armValue } from '../../src/deployment/arm.js'
import { bicepText, bicepValue } from '../../src/deployment/bicep.js'
import {
  call,
  choose,
  idOf,
  join,
  Loaded,
  not,
  outputOf,
  parameter,
  propertyOf,
} from '../../src/deployment/expression.js'
import type { Module, Resource, Template } from '../../src/deployment/template.js'
import { type Call, readExpression } from '../support/arm-expression.js'
import { readBicep } from '../support/bicep.js'

const account: Resource = {
  symbol: 'account',
  type: 'Microsoft.Storage/storageAccounts',
  apiVersion: '2024-01-01',
  name: parameter('accountName'),
}
const files: Resource = {
  ...account,
  symbol: 'files',
  type: `${account.type}/fileServices`,
  parent: account,
  name: 'default',
}
const elsewhere: Resource = { ...account, existing: true, group: parameter('group') }

const inner: Template = {
  path: 'modules/inner',
  description: 'What is inside.',
  scope: 'resourceGroup',
  parameters: { accountName: { type: 'string', description: 'Its name.' } },
  resources: [account, files],
  outputs: { id: { type: 'string', description: 'Its id.', value: idOf(account) } },
}
const module: Module = {
  symbol: 'storage',
  name: 'inner-storage',
  template: inner,
  group: parameter('group'),
  parameters: { accountName: 'contoso' },
}

describe('an expression reads, as a resource template and as Bicep,', () => {
  it.each([
    ['a parameter', parameter('name'), "parameters('name')", 'name'],
    ['texts joined', join('a-', parameter('name')), "concat('a-', parameters('name'))", "'a-\u0024{name}'"],
    [
      'a call',
      call('replace', parameter('x'), '-', ''),
      "replace(parameters('x'), '-', '')",
      "replace(x, '-', '')",
    ],
    ['a condition', not(call('empty', parameter('x'))), "not(empty(parameters('x')))", '!empty(x)'],
    ['a choice', choose(parameter('on'), 1, null), "if(parameters('on'), 1, null())", 'on ? 1 : null'],
    [
      'the id of a part of a resource',
      idOf(files),
      "resourceId('Microsoft.Storage/storageAccounts/fileServices', parameters('accountName'), 'default')",
      'files.id',
    ],
    [
      'the id of a resource in another group',
      idOf(elsewhere),
      "resourceId(parameters('group'), 'Microsoft.Storage/storageAccounts', parameters('accountName'))",
      'account.id',
    ],
    [
      'a property',
      propertyOf(account, 'primaryEndpoints.file'),
      "reference(resourceId('Microsoft.Storage/storageAccounts', parameters('accountName')), '2024-01-01').primaryEndpoints.file",
      'account.properties.primaryEndpoints.file',
    ],
    [
      'what a module yields',
      outputOf(module, 'id'),
      "reference(resourceId(parameters('group'), 'Microsoft.Resources/deployments', 'inner-storage'), '2022-09-01').outputs.id.value",
      'storage.outputs.id',
    ],
  ])('%s', (_, expression, arm, bicep) => {
    expect(expression.arm).toBe(arm)
    expect(expression.bicep).toBe(bicep)
  })

  // Signs that mean something in the one or the other.
  const texts = fc.string({
    unit: fc.constantFrom("'", '[', ']', '\u0024', '{', '}', '\\', '\n', '\r', '\t', 'a', ' ', 'é'),
  })

  it('any text as that text', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const { args } = readExpression(`[${call('string', text).arm}]`) as Call
        expect(args).toEqual([text])
        const [read] = readBicep(`resource x 'T@1' = {\n  a: ${bicepValue(text)}\n}\n`)
        expect(read!.body).toEqual({ a: text })
      }),
    )
  })
})

describe('a value', () => {
  it.each([
    ['[x]', '[[x]'],
    ['[x', '[x'],
    ['x', 'x'],
  ])('%s is the text %s in a resource template, and never an expression', (text, arm) => {
    expect(armValue({ deep: [text] })).toEqual({ deep: [arm] })
  })

  it.each([
    ["it's", "'it\\'s'"],
    ['\u0024{x}', "'\\\u0024{x}'"],
    ['a\\b', "'a\\\\b'"],
    ['a\nb', "'''\na\nb'''"],
    ["'''\n", "'\\'\\'\\'\\n'"],
  ])('%j is %s in Bicep', (text, bicep) => {
    expect(bicepValue(text)).toBe(bicep)
  })

  it('from a file stands in the resource template, and Bicep reads the file', () => {
    const loaded = new Loaded("loadTextContent('a.kql')", '[T | count]')
    expect(armValue(loaded)).toBe('[[T | count]')
    expect(bicepValue(loaded)).toBe("loadTextContent('a.kql')")
  })
})

describe('a template', () => {
  const outer: Template = {
    path: 'outer',
    description: 'What is around.',
    scope: 'resourceGroup',
    parameters: { group: { type: 'string', description: 'The group.', minLength: 3 } },
    resources: [],
    modules: [module],
  }
  const arm = JSON.parse(armText(outer)).resources[0]

  it('has its modules in it, each with expressions of its own', () => {
    expect(arm).toMatchObject({
      type: 'Microsoft.Resources/deployments',
      resourceGroup: "[parameters('group')]",
      properties: {
        expressionEvaluationOptions: { scope: 'inner' },
        parameters: { accountName: { value: 'contoso' } },
      },
    })
  })

  it('names a part of a resource by both names, and waits for the resource', () => {
    const [, part] = arm.properties.template.resources
    expect(part.name).toBe("[concat(parameters('accountName'), '/', 'default')]")
    expect(part.dependsOn).toEqual([
      "[resourceId('Microsoft.Storage/storageAccounts', parameters('accountName'))]",
    ])
  })

  it('names a module by its file in Bicep', () => {
    expect(bicepText(outer)).toContain(
      "module storage 'modules/inner.bicep' = {\n  name: 'inner-storage'\n  scope: resourceGroup(group)",
    )
  })
})
