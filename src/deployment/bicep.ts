import { Expression, inQuotes, Loaded } from './expression.js'
import type { Module, Output, Parameter, Resource, Template } from './template.js'

const HEAD = '// Written by agentwarden rules package; changes here are lost.'

/** A template as Bicep. Modules are named by their files. */
export function bicepText(template: Template): string {
  const { parameters, resources, modules = [], outputs = {} } = template
  const blocks = [
    HEAD,
    ...(template.scope === 'resourceGroup' ? [] : [`targetScope = ${text(template.scope)}`]),
    `metadata description = ${text(template.description)}`,
    ...Object.entries(parameters).map(([name, one]) => parameterText(name, one)),
    ...resources.map(resourceText),
    ...modules.map((module) => moduleText(module, template)),
    ...Object.entries(outputs).map(([name, one]) => outputText(name, one)),
  ]
  return `${blocks.join('\n\n')}\n`
}

const DECORATORS = ['minValue', 'maxValue', 'minLength', 'maxLength'] as const

function parameterText(name: string, parameter: Parameter): string {
  const { type, description, defaultValue, allowedValues } = parameter
  const limits = DECORATORS.filter((key) => parameter[key] !== undefined)
  return [
    `@description(${text(description)})`,
    ...(allowedValues ? [`@allowed(${bicepValue([...allowedValues])})`] : []),
    ...limits.map((key) => `@${key}(${parameter[key]})`),
    `param ${name} ${type}${defaultValue === undefined ? '' : ` = ${bicepValue(defaultValue)}`}`,
  ].join('\n')
}

function resourceText(resource: Resource): string {
  const { symbol, type, apiVersion, existing, condition, parent, scope, group, name, after, body } = resource
  const value = bicepValue({
    ...(parent ? { parent: raw(parent.symbol) } : {}),
    ...(scope ? { scope: raw(scope.symbol) } : {}),
    ...(resource.ofTenant ? { scope: raw('tenant()') } : {}),
    ...(group ? { scope: raw(`resourceGroup(${group.bicep})`) } : {}),
    name,
    ...body,
    ...(after ? { dependsOn: after.map((one) => raw(one.symbol)) } : {}),
  })
  const said = existing ? 'existing = ' : `= ${conditionText(condition)}`
  return `resource ${symbol} '${type}@${apiVersion}' ${said}${value}`
}

function moduleText(module: Module, within: Template): string {
  const { symbol, name, group, condition, template, parameters, after } = module
  const value = bicepValue({
    name,
    ...(group ? { scope: raw(`resourceGroup(${group.bicep})`) } : {}),
    params: parameters,
    ...(after ? { dependsOn: after.map((one) => raw(one.symbol)) } : {}),
  })
  return `module ${symbol} '${pathFrom(within.path, template.path)}.bicep' = ${conditionText(condition)}${value}`
}

function conditionText(condition: Expression | undefined): string {
  return condition ? `if (${condition.bicep}) ` : ''
}

function outputText(name: string, { type, description, value }: Output): string {
  return `@description(${text(description)})\noutput ${name} ${type} = ${value.bicep}`
}

/** Modules lie in folders beside or below the template. */
function pathFrom(from: string, to: string): string {
  const folder = from.slice(0, from.lastIndexOf('/') + 1)
  return to.startsWith(folder) ? to.slice(folder.length) : `../${to}`
}

/** An expression that stands as it is. */
export function raw(code: string): Expression {
  return new Expression(code, code)
}

/** A value as Bicep, its inner lines moved in by `indent`. */
export function bicepValue(value: unknown, indent = ''): string {
  if (value instanceof Expression || value instanceof Loaded) return value.bicep
  if (typeof value === 'string') return value.includes('\n') ? longText(value) : text(value)
  if (typeof value !== 'object' || value === null) return String(value)
  const inner = `${indent}  `
  const lines = Array.isArray(value)
    ? value.map((one) => `${inner}${bicepValue(one, inner)}`)
    : Object.entries(value).map(([key, one]) => `${inner}${keyText(key)}: ${bicepValue(one, inner)}`)
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  return lines.length === 0 ? `${open}${close}` : `${open}\n${lines.join('\n')}\n${indent}${close}`
}

function keyText(key: string): string {
  return /^[A-Za-z_]\w*$/.test(key) || key.startsWith("'") ? key : text(key)
}

/** A text between quotes. */
export function text(value: string): string {
  return `'${inQuotes(value)}'`
}

/** Between triple quotes nothing is escaped, so a text that has such quotes in it can't stand there. */
function longText(value: string): string {
  return value.includes("'''") || value.endsWith("'") ? text(value) : `'''\n${value}'''`
}
