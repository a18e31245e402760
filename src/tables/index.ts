import { agentRiskEvents } from './agent-risk-events.js'
import { auditLogs } from './audit-logs.js'
import { azureActivity } from './azure-activity.js'
import { azureAdGraphActivity } from './azure-ad-graph-activity.js'
import { graphActivity } from './graph-activity.js'
import { managedIdentitySignIns } from './managed-identity-sign-ins.js'
import { nonInteractiveUserSignIns } from './non-interactive-user-sign-ins.js'
import { provisioningLogs } from './provisioning-logs.js'
import { riskyAgents } from './risky-agents.js'
import { riskyServicePrincipals } from './risky-service-principals.js'
import { riskyUsers } from './risky-users.js'
import { securityAlerts } from './security-alerts.js'
import { servicePrincipalRiskEvents } from './service-principal-risk-events.js'
import { microsoftServicePrincipalSignIns, servicePrincipalSignIns } from './service-principal-sign-ins.js'
import type { Table } from './table.js'
import { userRiskEvents } from './user-risk-events.js'
import { userSignIns } from './user-sign-ins.js'

/** Every table whose category is understood. */
export const tables: readonly Table[] = [
  userSignIns,
  nonInteractiveUserSignIns,
  servicePrincipalSignIns,
  managedIdentitySignIns,
  microsoftServicePrincipalSignIns,
  auditLogs,
  graphActivity,
  azureAdGraphActivity,
  provisioningLogs,
  userRiskEvents,
  riskyUsers,
  servicePrincipalRiskEvents,
  riskyServicePrincipals,
  agentRiskEvents,
  riskyAgents,
  securityAlerts,
  azureActivity,
]

const byCategory = new Map(tables.map((table) => [table.category, table]))

/** The table that a diagnostic category fills; the case of the category does not matter. */
export function tableOf(category: string): Table | undefined {
  return byCategory.get(category) ?? byCategory.get(category.toLowerCase())
}
