import { z } from 'zod'
import { clientIdSetting } from '../event-hubs/identity.js'

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
