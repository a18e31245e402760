import { defineTable } from './define.js'

export const riskyServicePrincipals = defineTable({
  name: 'AADRiskyServicePrincipals',
  category: 'RiskyServicePrincipals',
  eventTime: 'RiskLastUpdatedDateTime',
  id: ['Id', 'RiskLastUpdatedDateTime'],
  columns: {
    bool: ['AccountEnabled', 'IsProcessing'],
    string: [
      'AppId',
      'DisplayName',
      'Id',
      'RiskDetail',
      'RiskLevel',
      'RiskState',
      'ServicePrincipalType',
      'OperationName',
      'CorrelationId',
    ],
    datetime: ['RiskLastUpdatedDateTime', 'TimeGenerated'],
  },
})
