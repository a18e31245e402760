import type { Diagnostic } from '../../kql/language.js'
import { kindOf, listOf, partOf, type SyntaxNode, textOf, walk } from '../../kql/syntax.js'
import { at, type Check, type Issue } from './check.js'
import { type QueryFacts, UNKNOWN_NAME } from './query-facts.js'
import { type RuleSource, textOf as textAt } from './source.js'

/** Most characters of a rule's query. */
export const MOST_CHARACTERS = 10_000

/** Issues at those of the binder's remarks that are wanted. */
function remarks(
  rule: RuleSource,
  all: readonly Diagnostic[] | undefined,
  wanted: (one: Diagnostic) => boolean,
): Issue[] {
  return (all ?? [])
    .filter(wanted)
    .map(({ start, message }) => ({ path: rule.path('query'), offset: start, message }))
}

/** Reads all tables there are: `union *`, `search *`, and a search that names no table. */
function readsEverything(node: SyntaxNode): boolean {
  const kind = kindOf(node)
  if (kind === 'UnionOperator') return listOf(node, 'Expressions').some((table) => textOf(table) === '*')
  if (kind !== 'SearchOperator') return false
  const condition = partOf(node, 'Condition')
  return (
    (!partOf(node, 'InClause') && !isPiped(node)) || (condition !== undefined && textOf(condition) === '*')
  )
}

/** Whether an operator works on the rows of what stands before it. */
function isPiped(node: SyntaxNode): boolean {
  const parent = partOf(node, 'Parent')
  return parent !== undefined && kindOf(parent) === 'PipeExpression' && partOf(parent, 'Operator') === node
}

function* everything(rule: RuleSource, query: QueryFacts | undefined): Iterable<Issue> {
  const found: SyntaxNode[] = []
  if (query) walk(query.root, (node) => void (readsEverything(node) && found.push(node)))
  for (const { TextStart } of found) {
    yield { path: rule.path('query'), offset: TextStart, message: 'the query reads all tables' }
  }
}

const isStrangeFunction = ({ code }: Diagnostic) => code === 'KS211'

/** What the service and Microsoft's parser have to say about a query. */
export const query: readonly Check[] = [
  {
    code: 'query-length',
    level: 'error',
    advice: `stay within ${MOST_CHARACTERS} characters; a function saved in the workspace can take a part`,
    find: (rule) => {
      const text = textAt(rule, 'query')
      const odd = text !== undefined && (text.trim() === '' || text.length > MOST_CHARACTERS)
      return at(rule, 'query', odd && `the query has ${text.length} characters`)
    },
  },
  {
    code: 'reads-everything',
    level: 'error',
    advice: 'name the tables: rules can use neither "search *" nor "union *"',
    find: everything,
  },
  {
    code: 'unknown-column',
    level: 'error',
    advice: 'compare the name with the schema of the table; case counts',
    find: (rule, facts) =>
      remarks(
        rule,
        facts?.diagnostics,
        ({ code, severity }) => code === UNKNOWN_NAME && severity === 'error',
      ),
  },
  {
    code: 'kql-error',
    level: 'error',
    advice: 'correct the query',
    find: (rule, facts) =>
      remarks(
        rule,
        facts?.diagnostics,
        ({ code, severity }) => code !== UNKNOWN_NAME && severity === 'error',
      ),
  },
  {
    code: 'unknown-table',
    level: 'warning',
    advice: 'look the name up in the workspace; what the query does with it is not checked',
    find: (rule, facts) => remarks(rule, facts?.strangers, (one) => !isStrangeFunction(one)),
  },
  {
    code: 'unknown-function',
    level: 'warning',
    advice: 'see that a function of this name is saved in the workspace; what it returns is not checked',
    find: (rule, facts) => remarks(rule, facts?.strangers, isStrangeFunction),
  },
]
