import {
  DEPLOYMENTS,
  type Declared,
  Expression,
  idOf,
  join,
  Loaded,
  moduleId,
  namesOf,
  needsOf,
} from './expression.js'
import {
  isModule,
  type Module,
  type Output,
  type Parameter,
  type Resource,
  type Template,
} from './template.js'

const SCHEMAS = {
  resourceGroup: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
  subscription: 'https://schema.management.azure.com/schemas/2018-05-01/subscriptionDeploymentTemplate.json#',
}

/** A template as a resource template, with its modules in it. */
export function armText(template: Template): string {
  return `${JSON.stringify(armOf(template), undefined, 2)}\n`
}

function armOf(template: Template): Record<string, unknown> {
  const { modules = [], resources, outputs = {} } = template
  const deployed = resources.filter(({ existing }) => !existing)
  return {
    $schema: SCHEMAS[template.scope],
    contentVersion: '1.0.0.0',
    metadata: { description: template.description },
    parameters: mapped(template.parameters, parameterOf),
    resources: [...deployed.map(resourceOf), ...modules.map(moduleOf)],
    ...(Object.keys(outputs).length > 0 ? { outputs: mapped(outputs, outputOf) } : {}),
  }
}

function mapped<In, Out>(values: Readonly<Record<string, In>>, map: (value: In) => Out): Record<string, Out> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value)]))
}

function parameterOf({ type, description, defaultValue, ...limits }: Parameter) {
  const value = defaultValue === undefined ? {} : { defaultValue: armValue(defaultValue) }
  return { type, ...value, ...limits, metadata: { description } }
}

function outputOf({ type, description, value }: Output) {
  return { type, metadata: { description }, value: armValue(value) }
}

function resourceOf(resource: Resource) {
  const { type, apiVersion, scope, condition, body = {} } = resource
  const name = pathOf(resource)
  return {
    ...(condition ? { condition: armValue(condition) } : {}),
    type,
    apiVersion,
    ...(scope ? { scope: armValue(idOf(scope)) } : {}),
    ...(resource.ofTenant ? { scope: '/' } : {}),
    name: armValue(name),
    ...mapped(body, armValue),
    ...before(
      [resource.parent, scope, ...(resource.after ?? [])].filter((one) => one !== undefined),
      [name, body, condition],
    ),
  }
}

/** Its name behind the names of those that it belongs to. */
function pathOf(resource: Resource): string | Expression {
  const names = namesOf(resource)
  if (names.every((one) => typeof one === 'string')) return names.join('/')
  return names.length === 1
    ? resource.name
    : join(...names.flatMap((one, at) => (at === 0 ? [one] : ['/', one])))
}

function moduleOf(module: Module) {
  const { name, group, condition, template, parameters } = module
  return {
    ...(condition ? { condition: armValue(condition) } : {}),
    type: 'Microsoft.Resources/deployments',
    apiVersion: DEPLOYMENTS,
    name,
    ...(group ? { resourceGroup: armValue(group) } : {}),
    properties: {
      mode: 'Incremental',
      expressionEvaluationOptions: { scope: 'inner' },
      parameters: mapped(parameters, (value) => ({ value: armValue(value) })),
      template: armOf(template),
    },
    ...before(module.after ?? [], [parameters, group, condition]),
  }
}

/** What is to be deployed first. Bicep finds that out by itself. */
function before(named: readonly Declared[], values: readonly unknown[]): { readonly dependsOn?: string[] } {
  const all = [...new Set([...named, ...values.flatMap(needsOf)])]
  const ids = all.flatMap((one) => (isModule(one) ? moduleId(one) : one.existing ? [] : idOf(one).arm))
  return ids.length > 0 ? { dependsOn: ids.map((id) => `[${id}]`) } : {}
}

/** A value as a resource template has it. */
export function armValue(value: unknown): unknown {
  if (value instanceof Expression) return `[${value.arm}]`
  if (value instanceof Loaded) return armValue(value.content)
  if (typeof value === 'string') return literal(value)
  if (Array.isArray(value)) return value.map(armValue)
  if (typeof value !== 'object' || value === null) return value
  return mapped(value as Readonly<Record<string, unknown>>, armValue)
}

/** A text as it is: one in brackets would be an expression, a second opening bracket says that it is none. */
function literal(value: string): string {
  return /^\[[\s\S]*\]$/.test(value) ? `[${value}` : value
}
