import { readdirSync, readFileSync } from 'node:fs'
import { letText } from '../../src/deployment/functions.js'
import { functions } from '../../src/deployment/package.js'
import { type KqlTable, language, logAnalyticsTables } from '../../src/kql/language.js'
import { packagePath } from '../../src/package-root.js'

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

/** A query with the functions before it that it calls, as the workspace has them. */
export function withFunctions(query: string): string {
  const called = functions.filter(({ name }) => new RegExp(`\\b${name}\\(`).test(query))
  return [...called.map(letText), query].join('\n')
}
