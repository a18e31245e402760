import { z } from 'zod'
import { clientIdSetting } from '../azure/identity.js'
import { secretSchema } from '../config/secret.js'

const namespace = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9.-]+$/, 'is not a host name, such as contoso.servicebus.windows.net')
  .meta({ description: 'Host name of the namespace: NAME.servicebus.windows.net.' })

/** Who connects, and to which namespace. */
const authenticationSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('managed-identity').meta({ description: 'The managed identity in Azure.' }),
    namespace,
    client_id: clientIdSetting,
  }),
  z.strictObject({
    kind: z
      .literal('workload-identity')
      .meta({ description: 'The workload identity of a pod in Kubernetes.' }),
    namespace,
    client_id: clientIdSetting,
  }),
  z.strictObject({
    kind: z
      .literal('connection-string')
      .meta({ description: 'A connection string with a key. Identities are safer.' }),
    connection_string: secretSchema,
  }),
])

/** Which hub, and how to reach it: shared by source and sink. */
export const hubSettings = z.strictObject({
  hub: z
    .string()
    .regex(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,254}[A-Za-z0-9])?$/)
    .meta({ description: 'Name of the event hub.' }),
  authentication: authenticationSchema.meta({ description: 'Who connects, and to which namespace.' }),
})

export type HubSettings = z.output<typeof hubSettings>
export type Authentication = HubSettings['authentication']
