import { defineTable } from './define.js'

export const servicePrincipalRiskEvents = defineTable({
  name: 'AADServicePrincipalRiskEvents',
  category: 'ServicePrincipalRiskEvents',
  eventTime: 'ActivityDateTime',
  id: ['Id', 'LastUpdatedDateTime'],
  columns: {
    string: [
      'Activity',
      'AppId',
      'CorrelationId',
      'DetectionTimingType',
      'Id',
      'IpAddress',
      'RequestId',
      'RiskDetail',
      'RiskEventType',
      'RiskLevel',
      'RiskState',
      'ServicePrincipalDisplayName',
      'ServicePrincipalId',
      'Source',
      'TokenIssuerType',
      'OperationName',
    ],
    datetime: ['ActivityDateTime', 'DetectedDateTime', 'LastUpdatedDateTime', 'TimeGenerated'],
    dynamic: ['AdditionalInfo', 'KeyIds', 'Location'],
  },
  from: {
    Location: ['properties.location', 'location'],
  },
})
