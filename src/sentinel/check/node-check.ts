import { type SyntaxNode, walk } from '../../kql/syntax.js'
import type { Check, Issue } from './check.js'
import type { QueryFacts } from './query-facts.js'
import type { RuleSource } from './source.js'

/** What is wrong with a node, if anything is. */
type Fault = (node: SyntaxNode) => string | undefined

/** A check that looks at each node of a query for itself. */
export function nodeCheck(check: Omit<Check, 'find'>, fault: Fault): Check {
  return { ...check, find: (rule, query) => faults(rule, query, fault) }
}

function faults(rule: RuleSource, query: QueryFacts | undefined, fault: Fault): Issue[] {
  const issues: Issue[] = []
  if (!query) return issues
  walk(query.root, (node) => {
    const message = fault(node)
    if (message !== undefined) issues.push({ path: rule.path('query'), offset: node.TextStart, message })
  })
  return issues
}
