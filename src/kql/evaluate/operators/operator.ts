import { columnsOf, listOf, nameOf, needed, type SyntaxNode, textOf } from '../../syntax.js'
import type { Compiler } from '../compiler.js'
import { KqlError } from '../errors.js'
import { unsupported } from '../expressions.js'
import type { Column, Names, Plan } from '../model.js'

/** What an operator is compiled from. `input` is what stands before the pipe; a source has none. */
export interface Operation {
  readonly node: SyntaxNode
  readonly input: Plan
  readonly names: Names
  readonly compiler: Compiler
}

export type Operator = (operation: Operation) => Plan

/** The columns that the binder gives the result of an operator. */
export function resultOf(node: SyntaxNode): readonly Column[] {
  const columns = columnsOf(node)
  if (!columns) return unsupported(node, 'A table whose columns the binder does not know')
  const bad = columns.find(({ type }) => !KNOWN.has(type))
  if (bad)
    throw new KqlError(
      'unsupported',
      `The type ${bad.type} of the column ${bad.name} is not supported`,
      node.TextStart,
    )
  return columns
}

const KNOWN = new Set(['bool', 'int', 'long', 'real', 'string', 'datetime', 'timespan', 'dynamic', 'guid'])

/** `name=value` after the operator's keyword, by name. Hints, which change no result, are left out. */
export function parametersOf(node: SyntaxNode, allowed: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const parameter of listOf(node, 'Parameters')) {
    const name = nameOf(needed(parameter, 'Name')).toLowerCase()
    if (name.startsWith('hint.') || name.startsWith('_')) continue
    if (!allowed.includes(name)) return unsupported(parameter, `The parameter ${name}`)
    found.set(name, textOf(needed(parameter, 'Expression')))
  }
  return found
}

/** Fails unless the binder's columns are as many as were worked out: the two would disagree about their order. */
export function agreed(node: SyntaxNode, columns: readonly Column[], count: number): readonly Column[] {
  if (columns.length === count) return columns
  return unsupported(
    node,
    `This form of ${textOf(node).split(/\s/)[0]} (${columns.length} columns, ${count} worked out)`,
  )
}
