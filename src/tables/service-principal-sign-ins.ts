import { defineTable } from './define.js'

const columns = {
  datetime: ['TimeGenerated', 'CreatedDateTime'],
  string: [
    'OperationName',
    'OperationVersion',
    'Category',
    'ResultType',
    'ResultSignature',
    'ResultDescription',
    'CorrelationId',
    'Identity',
    'Level',
    'Location',
    'AppId',
    'AppOwnerTenantId',
    'AuthenticationContextClassReferences',
    'AutonomousSystemNumber',
    'AuthenticationProcessingDetails',
    'ClientCredentialType',
    'ConditionalAccessAudiences',
    'ConditionalAccessPolicies',
    'ConditionalAccessStatus',
    'FederatedCredentialId',
    'Id',
    'IPAddress',
    'LocationDetails',
    'NetworkLocationDetails',
    'ResourceDisplayName',
    'ResourceIdentity',
    'ResourceOwnerTenantId',
    'ResourceServicePrincipalId',
    'ServicePrincipalCredentialKeyId',
    'ServicePrincipalCredentialThumbprint',
    'ServicePrincipalId',
    'ServicePrincipalName',
    'SessionId',
    'UniqueTokenIdentifier',
    'Agent',
    'UserAgent',
    'AADTenantId',
  ],
  long: ['DurationMs'],
}

const from = {
  IPAddress: ['properties.ipAddress', 'callerIpAddress'],
  ConditionalAccessPolicies: ['properties.appliedConditionalAccessPolicies'],
  LocationDetails: ['properties.location'],
  ResourceIdentity: ['properties.resourceId'],
}

export const servicePrincipalSignIns = defineTable({
  name: 'AADServicePrincipalSignInLogs',
  category: 'ServicePrincipalSignInLogs',
  eventTime: 'CreatedDateTime',
  id: ['Id'],
  columns,
  from,
})

/** Sign-ins between Microsoft's own services: the same record in a category and a table of its own. */
export const microsoftServicePrincipalSignIns = defineTable({
  name: 'MicrosoftServicePrincipalSignInLogs',
  category: 'MicrosoftServicePrincipalSignInLogs',
  eventTime: 'CreatedDateTime',
  id: ['Id'],
  columns,
  from,
})
