import { isoTicks } from '../time.js'
import { type CommonFields, defaultTenant, defaultTime, finish, type WireRecord } from './envelope.js'

/** Fields of a record of Azure's activity log. */
export interface AzureActivityFields extends CommonFields {
  /** As Azure writes it: in capitals. */
  readonly operation?: string
  readonly status?: 'Start' | 'Accept' | 'Success' | 'Failure'
  /** What the operation is about: the id of a resource. */
  readonly entity?: string
  readonly requestBody?: unknown
  readonly actor?: { readonly id: string; readonly upn: string }
}

const SUBSCRIPTION = '/subscriptions/7c9e6679-7425-40de-944b-e07fc1f90ae7'
const PERSON = { id: '4e3d2c1b-0a9f-4e8d-9c7b-6a5f4e3d2c1b', upn: 'maja.holm@fabrikam.example' }

function claims(tenantId: string, { id, upn }: { readonly id: string; readonly upn: string }): object {
  return {
    aud: 'https://management.core.windows.net/',
    appid: 'c44b4083-3bb0-49c1-b47d-974e53cbdf3c',
    idtyp: 'user',
    'http://schemas.microsoft.com/identity/claims/objectidentifier': id,
    'http://schemas.microsoft.com/identity/claims/tenantid': tenantId,
    'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn': upn,
    ver: '1.0',
  }
}

/** AzureActivity, category Administrative: the envelope's time is the event's, and its `identity` an object. */
export function azureActivityRecord(fields: AzureActivityFields = {}): WireRecord {
  const { tenantId = defaultTenant, time = defaultTime, status = 'Success', actor = PERSON } = fields
  const { operation = 'MICROSOFT.RESOURCES/DEPLOYMENTS/WRITE', entity = SUBSCRIPTION } = fields
  const record: WireRecord = {
    RoleLocation: 'West Europe',
    time: isoTicks(time),
    resourceId: entity.toUpperCase(),
    operationName: operation,
    category: 'Administrative',
    resultType: status,
    resultSignature: status === 'Start' ? 'Started.' : 'Succeeded.',
    durationMs: '0',
    callerIpAddress: '198.18.24.9',
    correlationId: '5b4a3c2d-1e0f-4a9b-8c7d-6e5f4a3b2c1d',
    identity: {
      authorization: { scope: entity, action: operation, evidence: { role: 'Owner', principalType: 'User' } },
      claims: claims(tenantId, actor),
    },
    level: 'Information',
    properties: {
      eventCategory: 'Administrative',
      entity,
      message: operation,
      ...(fields.requestBody === undefined ? {} : { requestbody: JSON.stringify(fields.requestBody) }),
    },
    tenantId,
  }
  return finish(record, fields)
}

/** A role is asked for on behalf of a principal: the step that tells its id. */
export function azureRoleAssigned(
  principalId: string,
  roleDefinitionId: string,
  fields: AzureActivityFields = {},
): WireRecord {
  const assignment = 'd1f0c3b2-5a4e-4c6d-9b8a-0e1f2a3b4c5d'
  return azureActivityRecord({
    operation: 'MICROSOFT.AUTHORIZATION/ROLEASSIGNMENTS/WRITE',
    status: 'Start',
    entity: `${SUBSCRIPTION}/providers/Microsoft.Authorization/roleAssignments/${assignment}`,
    requestBody: {
      Id: assignment,
      Properties: {
        PrincipalId: principalId,
        PrincipalType: 'ServicePrincipal',
        RoleDefinitionId: `${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/${roleDefinitionId}`,
        Scope: SUBSCRIPTION,
      },
    },
    ...fields,
  })
}

/** A setting by which Entra's logs are exported is deleted, or written anew. */
export function diagnosticSettingChanged(
  what: 'DELETE' | 'WRITE',
  fields: AzureActivityFields = {},
): WireRecord {
  return azureActivityRecord({
    operation: `MICROSOFT.AADIAM/DIAGNOSTICSETTINGS/${what}`,
    entity: '/providers/microsoft.aadiam/diagnosticSettings/to-event-hub',
    ...fields,
  })
}
