import type { Module, Resource } from './template.js'

/** What a value may depend on: it is deployed first. */
export type Declared = Resource | Module

/** Something that is known only when a template is deployed, as resource templates and as Bicep write it. */
export class Expression {
  /** Without the brackets around it. */
  readonly arm: string
  readonly bicep: string
  readonly needs: readonly Declared[]

  constructor(arm: string, bicep: string, needs: readonly Declared[] = []) {
    this.arm = arm
    this.bicep = bicep
    this.needs = needs
  }
}

/** What stands in a file that Bicep reads itself; a resource template has it in it. */
export class Loaded {
  /** An expression such as `loadTextContent('a.kql')`, with the path from the Bicep file. */
  readonly bicep: string
  readonly content: Value

  constructor(bicep: string, content: Value) {
    this.bicep = bicep
    this.content = content
  }
}

/** A value in a template. */
export type Value =
  | string
  | number
  | boolean
  | null
  | Expression
  | Loaded
  | readonly Value[]
  | { readonly [key: string]: Value }

/** A part of an expression: a text stands for itself. */
export type Part = string | number | boolean | Expression

/** The value of a parameter of the template. */
export function parameter(name: string): Expression {
  return new Expression(`parameters('${name}')`, name)
}

/** A function that resource templates and Bicep both have, called by its name. */
export function call(name: string, ...args: readonly Part[]): Expression {
  const [arm, bicep] = [args.map(armPart), args.map(bicepPart)]
  return new Expression(`${name}(${arm.join(', ')})`, `${name}(${bicep.join(', ')})`, needsOf(args))
}

/** A property of what an expression yields. */
export function member(of: Expression, path: string): Expression {
  return new Expression(`${of.arm}.${path}`, `${of.bicep}.${path}`, of.needs)
}

/** Texts and expressions one after the other. */
export function join(...parts: readonly (string | Expression)[]): Expression {
  const bicep = parts.map((part) => (typeof part === 'string' ? inQuotes(part) : `\${${part.bicep}}`))
  return new Expression(`concat(${parts.map(armPart).join(', ')})`, `'${bicep.join('')}'`, needsOf(parts))
}

/** One value or another. */
export function choose(condition: Expression, yes: Part | null, no: Part | null): Expression {
  const needs = needsOf([condition, yes, no])
  return new Expression(
    `if(${[condition, yes, no].map(armPart).join(', ')})`,
    `${condition.bicep} ? ${bicepPart(yes)} : ${bicepPart(no)}`,
    needs,
  )
}

/** Whether an expression does not hold. */
export function not(condition: Expression): Expression {
  return new Expression(`not(${condition.arm})`, `!${condition.bicep}`, condition.needs)
}

/** The id of a built-in role. */
export function roleId(guid: string): Expression {
  return call('subscriptionResourceId', 'Microsoft.Authorization/roleDefinitions', guid)
}

/** The id of a resource of the template, or of one that is there already. */
export function idOf(resource: Resource): Expression {
  const group = resource.group === undefined ? [] : [resource.group]
  const names = [...group, resource.type, ...namesOf(resource)]
  return new Expression(`resourceId(${names.map(armPart).join(', ')})`, `${resource.symbol}.id`, [resource])
}

/** A property that a resource has once it is there: `principalId`, `logsIngestion.endpoint`. */
export function propertyOf(resource: Resource, path: string): Expression {
  const arm = `reference(${idOf(resource).arm}, '${resource.apiVersion}').${path}`
  return new Expression(arm, `${resource.symbol}.properties.${path}`, [resource])
}

/** The version of the API that modules are deployed by. */
export const DEPLOYMENTS = '2022-09-01'

/** What a module yields. */
export function outputOf(module: Module, name: string): Expression {
  const arm = `reference(${moduleId(module)}, '${DEPLOYMENTS}').outputs.${name}.value`
  return new Expression(arm, `${module.symbol}.outputs.${name}`, [module])
}

/** The id of a module's deployment. */
export function moduleId({ group, name }: Module): string {
  const parts = [...(group === undefined ? [] : [group]), 'Microsoft.Resources/deployments', name]
  return `resourceId(${parts.map(armPart).join(', ')})`
}

/** The names of a resource and of those that it belongs to, from the outside in. */
export function namesOf({ parent, name }: Resource): (string | Expression)[] {
  return [...(parent === undefined ? [] : namesOf(parent)), name]
}

function armPart(part: Part | null): string {
  if (part instanceof Expression) return part.arm
  if (part === null) return 'null()'
  if (typeof part === 'boolean') return `${part}()`
  return typeof part === 'number' ? String(part) : `'${part.replaceAll("'", "''")}'`
}

function bicepPart(part: Part | null): string {
  if (part instanceof Expression) return part.bicep
  return typeof part === 'string' ? `'${inQuotes(part)}'` : String(part)
}

/** A text as Bicep has it between quotes. */
export function inQuotes(value: string): string {
  return value
    .replace(/[\\']/g, '\\$&')
    .replaceAll('${', '\\${')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
}

/** All that values depend on, each once. */
export function needsOf(value: unknown): readonly Declared[] {
  if (value instanceof Expression) return value.needs
  if (value instanceof Loaded || typeof value !== 'object' || value === null) return []
  return [...new Set(Object.values(value).flatMap(needsOf))]
}
