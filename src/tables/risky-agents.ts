import { defineTable } from './define.js'

export const riskyAgents = defineTable({
  name: 'AADRiskyAgents',
  category: 'RiskyAgents',
  eventTime: 'RiskLastModifiedDateTime',
  id: ['Id', 'RiskLastModifiedDateTime'],
  columns: {
    string: [
      'AgentDisplayName',
      'Id',
      'IdentityType',
      'RiskDetail',
      'RiskLevel',
      'RiskState',
      'OperationName',
      'CorrelationId',
    ],
    bool: ['IsDeleted', 'IsEnabled', 'IsProcessing'],
    datetime: ['RiskLastModifiedDateTime', 'TimeGenerated'],
  },
  from: {
    AgentDisplayName: ['properties.agentDisplayName', 'properties.displayName'],
  },
})
