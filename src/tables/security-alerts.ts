import { defineTable } from './define.js'

/**
 * Alerts of Microsoft Sentinel, those of our own rules among them. No diagnostic setting exports them; records of this
 * category are read so that both engines can be given the same alerts.
 */
export const securityAlerts = defineTable({
  name: 'SecurityAlert',
  category: 'SecurityAlert',
  eventTime: 'TimeGenerated',
  id: ['SystemAlertId'],
  connector: 'none',
  columns: {
    string: [
      'AlertLink',
      'AlertName',
      'AlertSeverity',
      'AlertType',
      'CompromisedEntity',
      'ConfidenceLevel',
      'Description',
      'DisplayName',
      'Entities',
      'ExtendedLinks',
      'ExtendedProperties',
      'ProductComponentName',
      'ProductName',
      'ProviderName',
      'RemediationSteps',
      'ResourceId',
      'SourceComputerId',
      'Status',
      'SubTechniques',
      'SystemAlertId',
      'Tactics',
      'Techniques',
      'VendorName',
      'VendorOriginalId',
      'WorkspaceResourceGroup',
      'WorkspaceSubscriptionId',
    ],
    real: ['ConfidenceScore'],
    bool: ['IsIncident'],
    datetime: ['EndTime', 'ProcessingEndTime', 'StartTime', 'TimeGenerated'],
  },
})
