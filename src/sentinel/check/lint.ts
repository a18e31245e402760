import {
  argumentsOf,
  columnsOf,
  kindOf,
  listOf,
  literalOf,
  nameOf,
  partOf,
  type SyntaxNode,
  symbolOf,
  textOf,
  typeOf,
  walk,
} from '../../kql/syntax.js'
import type { Check, Issue } from './check.js'
import { nodeCheck } from './node-check.js'
import type { QueryFacts } from './query-facts.js'
import type { RuleSource } from './source.js'

const COMPARISONS = /^(Equal|NotEqual|LessThan|LessThanOrEqual|GreaterThan|GreaterThanOrEqual)Expression$/
const NUMBERS = new Set(['int', 'long', 'real', 'decimal'])

function sidesOf(node: SyntaxNode): readonly [SyntaxNode, SyntaxNode] | undefined {
  if (!COMPARISONS.test(kindOf(node))) return undefined
  const [left, right] = [partOf(node, 'Left'), partOf(node, 'Right')]
  return left && right ? [left, right] : undefined
}

function numberAgainstText(node: SyntaxNode): string | undefined {
  const sides = sidesOf(node)
  const number = sides?.find((side) => NUMBERS.has(typeOf(side)))
  const text = sides?.find((side) => typeOf(side) === 'string')
  return number && text && `${textOf(number)} is a ${typeOf(number)}, ${textOf(text)} a string`
}

function dynamicComparison(node: SyntaxNode): string | undefined {
  const sides = sidesOf(node)
  const isVariable = (side: SyntaxNode) => typeOf(side) === 'dynamic' && kindOf(side) !== 'DynamicExpression'
  if (!sides?.every(isVariable)) return undefined
  return `${textOf(sides[0])} and ${textOf(sides[1])} are both dynamic, which can't be compared`
}

/** Functions that look at the rows around a row. */
const ROW_FUNCTIONS = new Set([
  'row_number',
  'row_cumsum',
  'row_rank_dense',
  'row_rank_min',
  'row_window_session',
  'prev',
  'next',
])
/** Operators after which rows have an order, and those that destroy it; the others keep what there was. */
const ORDERING = new Set([
  'SerializeOperator',
  'SortOperator',
  'TopOperator',
  'TopNestedOperator',
  'RangeOperator',
])
const DISORDERING = new Set([
  'SummarizeOperator',
  'JoinOperator',
  'LookupOperator',
  'UnionOperator',
  'DistinctOperator',
  'MakeSeriesOperator',
  'SampleOperator',
])

function unserialisedRows(node: SyntaxNode): string | undefined {
  if (kindOf(node) !== 'FunctionCallExpression') return undefined
  const name = nameOf(partOf(node, 'Name') ?? node)
  if (!ROW_FUNCTIONS.has(name)) return undefined
  return isUnordered(rowsBefore(node)) ? `${name}() looks at rows that have no order` : undefined
}

/** The expression that yields the rows which an operator around a node works on. */
function rowsBefore(node: SyntaxNode): SyntaxNode | undefined {
  let [inner, outer] = [node, partOf(node, 'Parent')]
  while (outer && !(kindOf(outer) === 'PipeExpression' && partOf(outer, 'Operator') === inner)) {
    // `serialize n = row_number()` orders the rows itself.
    if (ORDERING.has(kindOf(outer))) return undefined
    inner = outer
    outer = partOf(outer, 'Parent')
  }
  return outer && partOf(outer, 'Expression')
}

/** Whether rows are surely in no order. Of what is called by a name other than a table's nothing is known. */
function isUnordered(rows: SyntaxNode | undefined): boolean {
  if (!rows) return false
  if (kindOf(rows) !== 'PipeExpression') {
    return kindOf(rows) === 'UnionOperator' || symbolOf(rows)?.kind === 'table'
  }
  const operator = kindOf(partOf(rows, 'Operator')!)
  if (ORDERING.has(operator)) return false
  return DISORDERING.has(operator) || isUnordered(partOf(rows, 'Expression'))
}

/** What the two formatting functions take; anything else fails when the query runs. */
const SPECIFIERS: Readonly<Record<string, RegExp>> = {
  format_datetime:
    /^(?:d{1,2}|f{1,7}|F{1,7}|h{1,2}|H{1,2}|m{1,2}|M{1,2}|s{1,2}|tt|yyyy|yy|y|[ /\-:,._[\]])+$/,
  format_timespan: /^(?:d{1,8}|f{1,7}|F{1,7}|h{1,2}|H{1,2}|m{1,2}|s{1,2}|[ /\-:,._[\]])+$/,
}

function datetimeFormat(node: SyntaxNode): string | undefined {
  if (kindOf(node) !== 'FunctionCallExpression') return undefined
  const name = nameOf(partOf(node, 'Name') ?? node)
  const format = SPECIFIERS[name] && argumentsOf(node)[1]
  const text = format && literalOf(format)
  if (typeof text !== 'string' || runsOf(text).every((run) => SPECIFIERS[name]!.test(run))) return undefined
  return `${name} does not know the format ${JSON.stringify(text)}`
}

/** A format as runs of the same letter: `ddd` is no day and a weekday, but unknown. */
function runsOf(text: string): string[] {
  return text === '' ? [''] : (text.match(/(.)\1*/gs) ?? []).map((run) => (/\w/.test(run) ? run : run[0]!))
}

function joinKind(node: SyntaxNode): string | undefined {
  if (kindOf(node) !== 'JoinOperator') return undefined
  const given = listOf(node, 'Parameters').some((one) => /^kind\s*=/.test(textOf(one)))
  return given ? undefined : 'join without a kind keeps one row of each key of the left side (innerunique)'
}

/** The tables that a union puts together; that before the pipe is one of them. */
function operandsOf(union: SyntaxNode): SyntaxNode[] {
  const parent = partOf(union, 'Parent')
  const piped = parent && kindOf(parent) === 'PipeExpression' && partOf(parent, 'Operator') === union
  const before = piped ? partOf(parent, 'Expression') : undefined
  return [...(before ? [before] : []), ...listOf(union, 'Expressions')]
}

function splitColumns(node: SyntaxNode): string | undefined {
  if (kindOf(node) !== 'UnionOperator') return undefined
  const types = new Map<string, Set<string>>()
  for (const { name, type } of operandsOf(node).flatMap((operand) => columnsOf(operand) ?? [])) {
    types.set(name, (types.get(name) ?? new Set()).add(type))
  }
  const split = [...types]
    .filter(([, kinds]) => kinds.size > 1)
    .map(([name, kinds]) => `${name} (${[...kinds].join(', ')})`)
  return split.length > 0 ? `the tables disagree on the type of ${split.join(', ')}` : undefined
}

const CLOCKS = new Set(['now', 'ago'])

function* clockReadAgain(rule: RuleSource, query: QueryFacts | undefined): Iterable<Issue> {
  const calls: SyntaxNode[] = []
  if (query) {
    walk(query.root, (node) => {
      if (kindOf(node) === 'FunctionCallExpression' && CLOCKS.has(nameOf(partOf(node, 'Name') ?? node))) {
        calls.push(node)
      }
    })
  }
  const second = calls[1]
  if (!second) return
  const message = `the query asks for the time in ${calls.length} places, so it can't be run for another time`
  yield { path: rule.path('query'), offset: second.TextStart, message }
}

/** What Microsoft's parser lets pass, and the service or the data does not. */
export const lint: readonly Check[] = [
  nodeCheck(
    {
      code: 'number-against-text',
      level: 'error',
      advice: 'compare with a number, or convert one side: toint(), tostring()',
    },
    numberAgainstText,
  ),
  nodeCheck(
    {
      code: 'dynamic-comparison',
      level: 'error',
      advice: 'convert both sides: tostring(), tolong(), toreal(), todatetime()',
    },
    dynamicComparison,
  ),
  nodeCheck(
    {
      code: 'unserialised-rows',
      level: 'error',
      advice: 'sort the rows before, or serialize them',
    },
    unserialisedRows,
  ),
  nodeCheck(
    {
      code: 'datetime-format',
      level: 'error',
      advice: 'use yyyy MM dd HH mm ss f and the separators " /-:,._[]"',
    },
    datetimeFormat,
  ),
  nodeCheck(
    { code: 'join-kind', level: 'warning', advice: 'write kind=inner, or whichever is meant' },
    joinKind,
  ),
  nodeCheck(
    {
      code: 'split-columns',
      level: 'warning',
      advice: 'convert the column in each table before the union, or the result has it twice (Agent_string)',
    },
    splitColumns,
  ),
  {
    code: 'time-read-twice',
    level: 'warning',
    advice: 'read it once, let Now = now();, and use Now',
    find: clockReadAgain,
  },
]
