import { defineTable } from './define.js'

export const agentRiskEvents = defineTable({
  name: 'AADAgentRiskEvents',
  category: 'AgentRiskEvents',
  eventTime: 'ActivityDateTime',
  id: ['Id', 'LastModifiedDateTime'],
  columns: {
    datetime: ['ActivityDateTime', 'DetectedDateTime', 'LastModifiedDateTime', 'TimeGenerated'],
    string: [
      'AdditionalInfo',
      'AgentDisplayName',
      'AgentId',
      'DetectionTimingType',
      'Id',
      'IdentityType',
      'RiskDetail',
      'RiskEventType',
      'RiskEvidence',
      'RiskLevel',
      'RiskState',
      'OperationName',
      'CorrelationId',
    ],
  },
  from: {
    AgentId: ['properties.agentId', 'properties.identityId'],
    AgentDisplayName: ['properties.agentDisplayName', 'properties.displayName'],
  },
})
