import { kindOf, listOf, literalOf, needed, type SyntaxNode, textOf, typeOf } from '../syntax.js'
import { converter, emptyOf } from './convert.js'
import { dynamicNumber, toDynamic } from './dynamic.js'
import { constant, constantValue, unsupported } from './expressions.js'
import { parseLong } from './long.js'
import type { Expr } from './model.js'
import { parseDatetime, parseTimespan } from './time.js'

/** The value of a literal. */
export function literal(node: SyntaxNode): Expr {
  const type = typeOf(node)
  if (type === 'string') return constant(literalOf(node), 'string')
  const text = textOf(node)
    .replace(/^\w+\(([\s\S]*)\)$/, '$1')
    .trim()
    .replace(/^(["'])(.*)\1$/, '$2')
  if (text === 'null') return constant(emptyOf(type), type)
  const value = LITERALS[type]?.(text)
  if (value === undefined) return unsupported(node, `The literal ${textOf(node)}`)
  return constant(value, type)
}

const LITERALS: Readonly<Record<string, (text: string) => unknown>> = {
  long: parseLong,
  int: parseLong,
  real: (text) => converter('string', 'real')(text) ?? undefined,
  bool: (text) => converter('string', 'bool')(text) ?? undefined,
  datetime: (text) => parseDatetime(text) ?? undefined,
  timespan: (text) => parseTimespan(text) ?? undefined,
  guid: (text) => converter('string', 'guid')(text) ?? undefined,
  null: () => null,
}

/** The value of what stands in `dynamic()`. */
export function json(node: SyntaxNode): unknown {
  const kind = kindOf(node)
  if (kind === 'JsonArrayExpression') return listOf(node, 'Values').map(json)
  if (kind === 'JsonObjectExpression') {
    return Object.fromEntries(
      listOf(node, 'Pairs').map((pair) => [key(needed(pair, 'Name')), json(needed(pair, 'Value'))]),
    )
  }
  if (kind === 'NullLiteralExpression') return null
  if (kind === 'DynamicExpression') return json(needed(node, 'Expression'))
  if (/^(Long|Int|Real)Literal|^Unary/.test(kind) && /^-?\s*[\d.]/.test(textOf(node))) return numberIn(node)
  const value = literal(node)
  return toDynamic(constantValue(value), value.type)
}

function numberIn(node: SyntaxNode): unknown {
  const text = textOf(node).replace(/\s/g, '')
  if (/^-?\d+$/.test(text) && parseLong(text) === undefined) return unsupported(node, `The number ${text}`)
  return dynamicNumber(text)
}

function key(node: SyntaxNode): string {
  return (literalOf(node) as string | undefined) ?? JSON.parse(textOf(node))
}
