import type { Declared, Expression, Value } from './expression.js'

/** What a template asks for. */
export interface Parameter {
  readonly type: 'string' | 'int' | 'bool' | 'object'
  readonly description: string
  /** Without one the parameter must be given. */
  readonly defaultValue?: Value
  readonly allowedValues?: readonly (string | number)[]
  readonly minValue?: number
  readonly maxValue?: number
  readonly minLength?: number
  readonly maxLength?: number
}

/** A resource of Azure. */
export interface Resource {
  /** Its name within Bicep. */
  readonly symbol: string
  /** The whole type: `Microsoft.EventHub/namespaces/eventhubs`. */
  readonly type: string
  readonly apiVersion: string
  readonly name: string | Expression
  readonly parent?: Resource
  /** What it extends. */
  readonly scope?: Resource
  /** It belongs to the tenant, wherever it is deployed from. */
  readonly ofTenant?: true
  /** It is there already, and the template only refers to it. */
  readonly existing?: true
  /** The resource group of one that is there already, where it may be another one. */
  readonly group?: Expression
  readonly condition?: Expression
  /** What else is to be there before. */
  readonly after?: readonly Declared[]
  readonly body?: Readonly<Record<string, Value>>
}

/** Another template, deployed as a part of this one. */
export interface Module {
  readonly symbol: string
  /** Of its deployment. */
  readonly name: string
  readonly template: Template
  /** The resource group that it is deployed to, where it may be another one. */
  readonly group?: Expression
  readonly condition?: Expression
  /** What else is to be there before. */
  readonly after?: readonly Declared[]
  readonly parameters: Readonly<Record<string, Value>>
}

/** What a template yields. Never a key. */
export interface Output {
  readonly type: 'string'
  readonly description: string
  readonly value: Expression
}

/** A template, from which both its resource template and its Bicep are written. */
export interface Template {
  /** Path below the folder of templates, without an ending: `modules/event-hubs`. */
  readonly path: string
  readonly description: string
  readonly scope: 'resourceGroup' | 'subscription'
  readonly parameters: Readonly<Record<string, Parameter>>
  readonly resources: readonly Resource[]
  readonly modules?: readonly Module[]
  readonly outputs?: Readonly<Record<string, Output>>
}

/** Whether something declared is a module. */
export function isModule(declared: Declared): declared is Module {
  return 'template' in declared
}
