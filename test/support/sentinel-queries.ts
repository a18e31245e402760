import { readdirSync, readFileSync } from 'node:fs'
import { FUNCTION_PARAMETERS, type SavedFunction } from '../../src/deployment/functions.js'
import { functions } from '../../src/deployment/package.js'
import { type KqlTable, language, logAnalyticsTables } from '../../src/kql/language.js'
import { packagePath } from '../../src/package-root.js'
import { views } from '../../src/views/index.js'

/** The custom tables of `deploy/tables`, as queries see them. */
export const customTables: readonly KqlTable[] = readdirSync(packagePath('deploy', 'tables')).map((name) => {
  const { name: table, columns } = JSON.parse(readFileSync(packagePath('deploy', 'tables', name), 'utf8'))
  const typed = columns.map(({ name, type }: { name: string; type: string }) => [name, type] as const)
  return {
    name: table,
    columns: new Map<string, string>([...typed, ['Type', 'string'], ['TenantId', 'string']]),
  }
})

/** KQL over Entra's tables and those of alerts. */
export const workspaceLanguage = language([...logAnalyticsTables(), ...customTables])

function calledIn(query: string): SavedFunction[] {
  return functions.filter(({ name }) => new RegExp(`\\b${name}\\(`).test(query))
}

/** A function as a statement before a query, for those who have no workspace that holds it. */
function letText({ name, query }: SavedFunction): string {
  const parameters = FUNCTION_PARAMETERS.map(({ Name, Type, Default }) => `${Name}: ${Type} = ${Default}`)
  return `let ${name} = (${parameters.join(', ')}) {\n${query}};`
}

/** A query with the functions before it that it calls, as the workspace has them. */
export function withFunctions(query: string): string {
  return [...calledIn(query).map(letText), query].join('\n')
}

/**
 * A query with functions before it that have the columns of those that it calls, and no rows: enough to bind it, and
 * much quicker. That the functions yield these columns is a test of its own.
 */
export function withSchemas(query: string): string {
  const empty = calledIn(query).map((called) => letText({ ...called, query: `${schemaOf(called)}\n` }))
  return [...empty, query].join('\n')
}

function schemaOf({ name }: SavedFunction): string {
  const { columns } = views.get(name.replace('Agentwarden', ''))!
  const own = Array.from(columns, ([column, type]) => `${column}: ${type === 'number' ? 'long' : 'string'}`)
  return `datatable(EventTime: datetime, Id: string, ${own.join(', ')})[]`
}
