import { defineTable } from './define.js'

export const riskyUsers = defineTable({
  name: 'AADRiskyUsers',
  category: 'RiskyUsers',
  eventTime: 'RiskLastUpdatedDateTime',
  id: ['Id', 'RiskLastUpdatedDateTime'],
  columns: {
    datetime: ['TimeGenerated', 'RiskLastUpdatedDateTime'],
    string: [
      'OperationName',
      'CorrelationId',
      'Id',
      'RiskDetail',
      'RiskLevel',
      'RiskState',
      'UserDisplayName',
      'UserPrincipalName',
    ],
    bool: ['IsDeleted', 'IsProcessing', 'IsGuest'],
  },
})
