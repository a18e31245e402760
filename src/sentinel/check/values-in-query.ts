import {
  argumentsOf,
  kindOf,
  listOf,
  literalOf,
  nameOf,
  partOf,
  type SyntaxNode,
  textOf,
  typeOf,
} from '../../kql/syntax.js'
import type { Check } from './check.js'
import { nodeCheck } from './node-check.js'

/** The parser finds dynamic keys that are named for both sides, but not one name that both sides have. */
function dynamicJoinKey(node: SyntaxNode): string | undefined {
  if (kindOf(node) !== 'JoinOnClause') return undefined
  const keys = listOf(node, 'Expressions').filter((key) => kindOf(key) === 'NameReference')
  const dynamic = keys.filter((key) => typeOf(key) === 'dynamic').map(textOf)
  return dynamic.length > 0 ? `rows can't be joined on ${dynamic.join(', ')}, which is dynamic` : undefined
}

/** Functions of regular expressions, and which argument is one. */
const PATTERNS: Readonly<Record<string, number>> = {
  extract: 0,
  extract_all: 0,
  replace_regex: 1,
  trim: 0,
  trim_start: 0,
  trim_end: 0,
  countof: 1,
}

/** What RE2 has not, as it keeps to linear time: looking ahead and back, and references. */
const NOT_IN_RE2 = /(?<!\\)(?:\\\\)*(\(\?(?:=|!|<=|<!)|\\[1-9])/

function patternOf(node: SyntaxNode): SyntaxNode | undefined {
  if (kindOf(node) === 'MatchesRegexExpression') return partOf(node, 'Right')
  if (kindOf(node) !== 'FunctionCallExpression') return undefined
  const name = nameOf(partOf(node, 'Name') ?? node)
  const at = Object.hasOwn(PATTERNS, name) ? PATTERNS[name] : undefined
  const args = argumentsOf(node)
  // A plain text is counted unless the last argument asks for a pattern.
  if (name === 'countof' && literalOf(args[2] ?? node) !== 'regex') return undefined
  return at === undefined ? undefined : args[at]
}

function unknownPattern(node: SyntaxNode): string | undefined {
  const pattern = patternOf(node)
  const text = pattern && literalOf(pattern)
  const found = typeof text === 'string' ? NOT_IN_RE2.exec(text) : null
  return found ? `KQL's regular expressions (RE2) have no ${found[1]}` : undefined
}

const CASE_SENSITIVE = new Set(['EqualExpression', 'NotEqualExpression', 'InExpression', 'NotInExpression'])
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

function capitalGuid(node: SyntaxNode): string | undefined {
  if (!CASE_SENSITIVE.has(kindOf(node))) return undefined
  const right = partOf(node, 'Right')
  const values = right && kindOf(node).endsWith('InExpression') ? listOf(right, 'Expressions') : [right]
  const found = values.map((value) => value && literalOf(value)).find(isCapitalGuid)
  return found && `${found} is compared with case, and the logs write ids in lower case`
}

function isCapitalGuid(value: unknown): value is string {
  return typeof value === 'string' && GUID.test(value) && value !== value.toLowerCase()
}

/** What is written into a query: keys, patterns and ids that bind well and never match. */
export const valuesInQuery: readonly Check[] = [
  nodeCheck(
    { code: 'dynamic-join-key', level: 'error', advice: 'convert it on both sides before: tostring()' },
    dynamicJoinKey,
  ),
  nodeCheck(
    { code: 'unknown-pattern', level: 'error', advice: 'write it without looking around or back' },
    unknownPattern,
  ),
  nodeCheck(
    { code: 'capital-id', level: 'warning', advice: 'write it in lower case, or compare with =~ or in~' },
    capitalGuid,
  ),
]
