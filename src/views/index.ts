import type { Reader, Table } from '../tables/table.js'
import { agentAlerts } from './agent-alerts.js'
import { agentChanges } from './agent-changes.js'
import { azureChanges } from './azure-changes.js'
import { directoryActions } from './directory-actions.js'
import { graphCalls } from './graph-calls.js'
import { policyChanges } from './policy-changes.js'
import { riskEvents } from './risk-events.js'
import { signIns } from './sign-ins.js'
import type { View, ViewSource } from './view.js'

/** Every view that a detection can name. */
export const views: ReadonlyMap<string, View> = new Map(
  [
    signIns,
    graphCalls,
    agentChanges,
    directoryActions,
    policyChanges,
    riskEvents,
    azureChanges,
    agentAlerts,
  ].map((view) => [view.name, view]),
)

const byTable = new Map<Table, ViewSource[]>()
for (const view of views.values()) {
  for (const source of view.sources) byTable.set(source.table, [...(byTable.get(source.table) ?? []), source])
}

const NO_SOURCES: readonly ViewSource[] = []

/** The view sources that a table feeds. */
export function sourcesOf(table: Table): readonly ViewSource[] {
  return byTable.get(table) ?? NO_SOURCES
}

/** All readers that the views use. */
export const viewReaders: readonly Reader[] = [...views.values()].flatMap(({ sources }) =>
  sources.flatMap(({ reads }) => reads),
)
