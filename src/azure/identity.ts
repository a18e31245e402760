import { ManagedIdentityCredential, type TokenCredential, WorkloadIdentityCredential } from '@azure/identity'
import { z } from 'zod'

/** The setting: which identity, where the machine has more than one. */
export const clientIdSetting = z
  .string()
  .min(1)
  .optional()
  .describe('Client id of the identity, where there are several.')

/** Who connects without a secret of its own. */
export interface Identity {
  readonly kind: 'managed-identity' | 'workload-identity'
  readonly client_id?: string | undefined
}

/**
 * One certain identity, never whichever of a chain happens to answer.
 * @throws Error if a workload identity is not set up
 */
export function credentialOf({ kind, client_id: clientId }: Identity): TokenCredential {
  const options = clientId === undefined ? {} : { clientId }
  return kind === 'managed-identity'
    ? new ManagedIdentityCredential(options)
    : new WorkloadIdentityCredential(options)
}

/** The setting: as whom a service of Azure is called. One certain identity, and no secret. */
export const identitySetting = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('managed-identity').meta({ description: 'The managed identity in Azure.' }),
      client_id: clientIdSetting,
    }),
    z.strictObject({
      kind: z
        .literal('workload-identity')
        .meta({ description: 'The workload identity of a pod in Kubernetes.' }),
      client_id: clientIdSetting,
    }),
  ])
  .meta({ description: 'As whom it is called.' })
