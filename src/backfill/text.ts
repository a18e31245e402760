import type { Inventory, Population } from '../agents/inventory.js'
import { watchlistRow } from '../agents/watchlist.js'
import { allowanceFunctions } from '../kql/allowance.js'
import { agentLines, fieldsNamed, inventoryFields, textOf } from '../kql/compile.js'
import { datetime, indent, literals } from '../kql/text.js'
import { viewText } from '../kql/view-text.js'
import type { View } from '../views/view.js'
import type { Condition } from '../where/condition.js'
import type { Period } from '../workspace/client.js'

/** Which rows of a view are asked for. */
export interface Wanted {
  readonly view: View
  readonly where: Condition | undefined
  /** Columns that must have a value. */
  readonly having: readonly string[]
}

/** Whose rows count. */
export interface Whose {
  readonly population: Population
  readonly inventory: Inventory | undefined
}

/** A query over the rows of a period of event time. */
export type QueryOf = (period: Period) => string

/** A query of agents' rows and what operators make of them. @param title - a line that says what it is for. */
export function pastText(title: string, wanted: Wanted, operators: readonly string[], whose: Whose): QueryOf {
  const { view } = wanted
  const named = fieldsNamed(wanted)
  const isListed = whose.inventory !== undefined || named.length > 0
  const fields = isListed ? inventoryFields(wanted) : []
  const rows = [
    agentLines(wanted, fields, { population: whose.population, inventory: isListed }),
    ...wanted.having.map((column) => `| where isnotempty(${textOf(view)(column)})`),
    ...operators,
  ]
  const body = rows.filter((line) => line !== '').join('\n')
  const before = [
    `// ${title}`,
    ...(isListed ? [inventoryText(whose.inventory, fields), ...allowanceFunctions(named)] : []),
    viewText(view, namesIn(view, body), false),
  ].join('\n')
  return ({ from, to }) => `${before}\n${view.name}(${datetime(from)}, ${datetime(to)})\n${indent(body)}`
}

/** The columns of a view that a text names. */
function namesIn(view: View, text: string): Set<string> {
  const words = new Set(text.match(/\w+/g))
  return new Set([...view.columns.keys(), 'Id'].filter((name) => words.has(name)))
}

/** The inventory as it stands in the file: the workspace need not have it as a watchlist. */
function inventoryText(inventory: Inventory | undefined, fields: readonly string[]): string {
  const columns = ['AgentId', ...fields.map((field) => `Agent_${field}`)]
  const rows = (inventory?.entries ?? []).map((entry) => {
    const row = watchlistRow(entry)
    return literals([entry.id.toLowerCase(), ...fields.map((field) => row[field] ?? '')])
  })
  const names = columns.map((name) => `${name}: string`).join(', ')
  return `let Inventory = datatable(${names})[${rows.join(',\n    ')}];`
}
