import { AGENT, APP, GRAPH_APP, type Modified, modified, type TestRecord } from './records.js'
import { viewRow } from './views.js'

export const APPLICATION = 'abababab-1212-4121-8121-abababababab'
export const GRAPH = '911e3bbe-33bf-4a5c-89ff-f2a09363baaa'
export const ADMIN = '99999999-cdcd-4cdc-8cdc-999999999999'
export const OWNER = 'cdcdcdcd-3434-4343-8343-cdcdcdcdcdcd'

/** The row of the view of changes made to agents. */
export const row = (record: TestRecord) => viewRow('AgentChanges', record)

/** Targets of an audit record, with the properties that were modified. */
export const agent = (properties: Modified = {}) => ({
  id: AGENT,
  displayName: 'invoice-agent',
  type: 'ServicePrincipal',
  modifiedProperties: modified(properties),
})
export const application = (properties: Modified = {}) => ({
  ...agent(properties),
  id: APPLICATION,
  type: 'Application',
})
export const graph = (properties: Modified) => ({
  ...agent({
    ...properties,
    'TargetId.ServicePrincipalNames': [undefined, `${GRAPH_APP};https://graph.microsoft.com`],
  }),
  id: GRAPH,
  displayName: 'Microsoft Graph',
})
export const owner = (properties: Modified) => ({
  id: OWNER,
  displayName: null,
  type: 'User',
  userPrincipalName: 'owner@contoso.com',
  modifiedProperties: modified(properties),
})
export const details = (appId: string) => [
  { key: 'User-Agent', value: 'EvoSTS' },
  { key: 'AppId', value: appId },
]
/** The agent, as a row about something else names it. */
export const named: Modified = {
  'ServicePrincipal.ObjectID': [undefined, AGENT],
  'ServicePrincipal.DisplayName': [undefined, 'invoice-agent'],
  'ServicePrincipal.AppId': [undefined, APP],
  'ServicePrincipal.Name': [undefined, APP],
}
