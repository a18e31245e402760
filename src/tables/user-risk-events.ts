import { defineTable } from './define.js'

export const userRiskEvents = defineTable({
  name: 'AADUserRiskEvents',
  category: 'UserRiskEvents',
  eventTime: 'ActivityDateTime',
  id: ['Id', 'LastUpdatedDateTime'],
  columns: {
    datetime: ['TimeGenerated', 'ActivityDateTime', 'DetectedDateTime', 'LastUpdatedDateTime'],
    string: [
      'OperationName',
      'CorrelationId',
      'Activity',
      'DetectionTimingType',
      'Id',
      'IpAddress',
      'RequestId',
      'RiskDetail',
      'RiskEventType',
      'RiskLevel',
      'RiskState',
      'Source',
      'TokenIssuerType',
      'UserDisplayName',
      'UserId',
      'UserPrincipalName',
    ],
    dynamic: ['AdditionalInfo', 'Location'],
  },
  from: { Location: ['properties.location', 'location'] },
})
