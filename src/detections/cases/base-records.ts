import * as wire from '../../simulate/records/index.js'
import { agentRiskEvents } from '../../tables/agent-risk-events.js'
import { auditLogs } from '../../tables/audit-logs.js'
import { azureActivity } from '../../tables/azure-activity.js'
import { graphActivity } from '../../tables/graph-activity.js'
import { managedIdentitySignIns } from '../../tables/managed-identity-sign-ins.js'
import { nonInteractiveUserSignIns } from '../../tables/non-interactive-user-sign-ins.js'
import { riskyAgents } from '../../tables/risky-agents.js'
import { riskyServicePrincipals } from '../../tables/risky-service-principals.js'
import { securityAlerts } from '../../tables/security-alerts.js'
import { servicePrincipalRiskEvents } from '../../tables/service-principal-risk-events.js'
import { servicePrincipalSignIns } from '../../tables/service-principal-sign-ins.js'
import type { Table } from '../../tables/table.js'
import { userSignIns } from '../../tables/user-sign-ins.js'

/** A whole record to start from: a test event states only what differs. */
export interface BaseRecord {
  readonly table: Table
  readonly make: () => wire.WireRecord
}

const AGENT = {
  id: 'a0000000-0000-4000-8000-000000000001',
  appId: 'a0000000-0000-4000-8000-0000000000aa',
  name: 'invoice-agent',
  applicationId: 'a0000000-0000-4000-8000-0000000000ab',
}
const GRAPH = {
  id: 'b0000000-0000-4000-8000-000000000002',
  appId: '00000003-0000-0000-c000-000000000000',
  name: 'Microsoft Graph',
}
const PERSON = {
  id: 'c0000000-0000-4000-8000-000000000003',
  upn: 'avery@contoso.example',
  name: 'Avery',
}
const KEY = { keyId: 'd0000000-0000-4000-8000-000000000004', kind: 'Password' } as const
const ROLE = {
  templateId: 'e8611ab8-c189-46e8-94e1-60213ab1f814',
  name: 'Privileged Role Administrator',
  wellKnown: 'PrivilegedRoleAdmins',
}
const PERMISSION = {
  id: '9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8',
  value: 'RoleManagement.ReadWrite.Directory',
  description: 'Read and write all directory RBAC settings',
}
const FEDERATION = {
  name: 'pipeline',
  issuer: 'https://token.actions.githubusercontent.com',
  subject: 'repo:contoso/invoices:ref:refs/heads/main',
}
/** The role Owner of Azure. */
const OWNER = '8e3af657-a8ff-443c-a75c-2fe8c4bcb635'
const GROUP = { id: 'e0000000-0000-4000-8000-000000000005', name: 'Finance' }
const POLICY = { id: 'f0000000-0000-4000-8000-000000000006', name: 'Block agents at risk' }
/** A policy of Conditional Access for all agents. */
const GUARD = {
  state: 'enabled',
  conditions: {
    clientApplications: { includeAgentIdServicePrincipals: ['All'], excludeAgentIdServicePrincipals: [] },
  },
}
const BY_PERSON = { actor: { user: PERSON } }
const OTHER = {
  id: 'a0000000-0000-4000-8000-000000000002',
  appId: 'a0000000-0000-4000-8000-0000000000ba',
  name: 'mail-agent',
  applicationId: 'a0000000-0000-4000-8000-0000000000bb',
}
const BY_AGENT = { actor: { app: { servicePrincipalId: AGENT.id, name: AGENT.name } } }
const AT_RISK = { subjectId: AGENT.id, name: AGENT.name, appId: AGENT.appId }
const NAMED = { servicePrincipalId: AGENT.id, appId: AGENT.appId }

/** Every record that a test event can start from, by name. */
export const BASE_RECORDS: ReadonlyMap<string, BaseRecord> = new Map<string, BaseRecord>([
  ['service-principal-sign-in', signIn(servicePrincipalSignIns, wire.servicePrincipalSignIn)],
  ['managed-identity-sign-in', signIn(managedIdentitySignIns, wire.managedIdentitySignIn)],
  ['user-sign-in', { table: userSignIns, make: () => wire.userSignIn({}) }],
  [
    'non-interactive-user-sign-in',
    { table: nonInteractiveUserSignIns, make: () => wire.nonInteractiveUserSignIn({}) },
  ],
  ['graph-call', { table: graphActivity, make: () => wire.graphCall(NAMED) }],
  ['credential-added', audit(() => wire.credentialAdded(AGENT, KEY, [], BY_PERSON))],
  ['application-credential-added', audit(() => wire.applicationCredentialAdded(AGENT, KEY, [], BY_PERSON))],
  ['managed-identity-rotated', audit(() => wire.managedIdentityRotated(AGENT, KEY))],
  ['federated-credential-added', audit(() => wire.federatedCredentialAdded(AGENT, FEDERATION, BY_PERSON))],
  [
    'owner-added-to-service-principal',
    audit(() => wire.ownerAddedToServicePrincipal(AGENT, PERSON, BY_PERSON)),
  ],
  ['owner-added-to-application', audit(() => wire.ownerAddedToApplication(AGENT, PERSON, BY_PERSON))],
  ['app-role-granted', audit(() => wire.appRoleGranted(GRAPH, PERMISSION, AGENT, BY_PERSON))],
  ['directory-role-assigned', audit(() => wire.directoryRoleAssigned(AGENT, ROLE, BY_PERSON))],
  ['consent-granted', audit(() => wire.consentGranted(AGENT, GRAPH, 'User.Read', BY_PERSON))],
  ['delegated-grant-added', audit(() => wire.delegatedGrantAdded(AGENT, GRAPH, 'User.Read', BY_PERSON))],
  ['application-updated', audit(() => wire.applicationUpdated(AGENT, BY_PERSON))],
  ['service-principal-updated', audit(() => wire.servicePrincipalUpdated(AGENT, BY_PERSON))],
  ['added-to-group', audit(() => wire.principalAddedToGroup(AGENT, GROUP, BY_PERSON))],
  ['service-principal-enabled', audit(() => wire.principalEnabled(AGENT, BY_PERSON))],
  [
    'redirect-address-added',
    audit(() =>
      wire.settingChanged(AGENT, 'AppAddress', [], [address('https://invoices.example')], BY_PERSON),
    ),
  ],
  [
    'identifier-uri-changed',
    audit(() => wire.settingChanged(AGENT, 'AppIdentifierUri', ['api://a'], ['api://b'], BY_PERSON)),
  ],
  [
    'opened-to-other-tenants',
    audit(() => wire.settingChanged(AGENT, 'AvailableToOtherTenants', [false], [true], BY_PERSON)),
  ],
  ['conditional-access-changed', audit(() => wire.conditionalAccessChanged(POLICY, GUARD, GUARD, BY_PERSON))],
  ['agent-identity-updated', audit(() => marked('ServicePrincipal', AGENT.id, 'agenticAppInstance'))],
  ['blueprint-updated', audit(() => marked('Application', AGENT.applicationId, 'agenticApp'))],
  ['app-role-granted-by-agent', audit(() => wire.appRoleGranted(GRAPH, PERMISSION, OTHER, BY_AGENT))],
  ['app-role-granted-to-itself', audit(() => wire.appRoleGranted(GRAPH, PERMISSION, AGENT, BY_AGENT))],
  ['directory-role-assigned-by-agent', audit(() => wire.directoryRoleAssigned(OTHER, ROLE, BY_AGENT))],
  ['directory-role-assigned-to-itself', audit(() => wire.directoryRoleAssigned(AGENT, ROLE, BY_AGENT))],
  ['credential-added-by-agent', audit(() => wire.credentialAdded(OTHER, KEY, [], BY_AGENT))],
  ['credential-added-to-itself', audit(() => wire.credentialAdded(AGENT, KEY, [], BY_AGENT))],
  [
    'federated-credential-added-by-agent',
    audit(() => wire.federatedCredentialAdded(OTHER, FEDERATION, BY_AGENT)),
  ],
  ['user-added-by-agent', audit(() => wire.userAdded(PERSON, BY_AGENT))],
  ['user-updated-by-agent', audit(() => wire.userUpdated(PERSON, BY_AGENT))],
  ['user-added', audit(() => wire.userAdded(PERSON, BY_PERSON))],
  ['azure-role-assigned', { table: azureActivity, make: () => wire.azureRoleAssigned(AGENT.id, OWNER) }],
  [
    'diagnostic-setting-deleted',
    { table: azureActivity, make: () => wire.diagnosticSettingChanged('DELETE') },
  ],
  [
    'diagnostic-setting-changed',
    { table: azureActivity, make: () => wire.diagnosticSettingChanged('WRITE') },
  ],
  ['agent-risk-event', risk(agentRiskEvents, wire.agentRiskEvent)],
  ['risky-agent', risk(riskyAgents, wire.riskyAgent)],
  ['service-principal-risk-event', risk(servicePrincipalRiskEvents, wire.servicePrincipalRiskEvent)],
  ['risky-service-principal', risk(riskyServicePrincipals, wire.riskyServicePrincipal)],
  ['alert-of-new-network', alert('new-network')],
  ['alert-of-unusual-resource', alert('unusual-resource')],
  ['alert-of-credential-added', alert('credential-added')],
])

function signIn(table: Table, make: (fields: wire.WorkloadSignInFields) => wire.WireRecord): BaseRecord {
  return { table, make: () => make({ ...NAMED, servicePrincipalName: AGENT.name }) }
}

function address(uri: string): object {
  return { AddressType: 0, Address: uri }
}

/** A change of what Entra marks as an agent. */
function marked(type: 'ServicePrincipal' | 'Application', id: string, agentType: string): wire.WireRecord {
  const changes = [{ name: 'Included Updated Properties', after: 'Notes' }]
  const activity = type === 'Application' ? 'Update application' : 'Update service principal'
  return wire.auditRecord({
    activity,
    targets: [{ id, type, name: AGENT.name, agentType, changes }],
    details: [{ key: 'AppId', value: AGENT.appId }],
    ...BY_PERSON,
  })
}

function audit(make: () => wire.WireRecord): BaseRecord {
  return { table: auditLogs, make }
}

/** An alert of one of our rules in Sentinel. */
function alert(Detection: string): BaseRecord {
  const details = { Detection, AgentId: AGENT.id, AgentName: AGENT.name, AppId: AGENT.appId }
  return { table: securityAlerts, make: () => wire.securityAlert({ details }) }
}

function risk(table: Table, make: (fields: wire.RiskFields) => wire.WireRecord): BaseRecord {
  return { table, make: () => make(AT_RISK) }
}
