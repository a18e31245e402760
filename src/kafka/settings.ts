import { z } from 'zod'
import { clientIdSetting } from '../azure/identity.js'
import { secretSchema } from '../config/secret.js'

const file = z.string().min(1)

const tlsSchema = z
  .strictObject({
    ca: file.optional().describe('File of the certificates (PEM) that sign the brokers.'),
    certificate: file.optional().describe('File of the client certificate (PEM), for mutual TLS.'),
    key: file.optional().describe('File of its private key (PEM).'),
  })
  .refine((tls) => !tls.certificate === !tls.key, 'certificate and key belong together')

const authenticationSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('plain').describe('SASL PLAIN with a name and a password.'),
    username: z.string().min(1).describe('Name of the user.'),
    password: secretSchema,
  }),
  z.strictObject({
    kind: z.literal('connection-string').describe('A connection string of Event Hubs.'),
    connection_string: secretSchema,
  }),
  z.strictObject({
    kind: z.literal('managed-identity').describe('Event Hubs, as the managed identity in Azure.'),
    client_id: clientIdSetting,
  }),
  z.strictObject({
    kind: z
      .literal('workload-identity')
      .describe('Event Hubs, as the workload identity of a pod in Kubernetes.'),
    client_id: clientIdSetting,
  }),
])

/** How to reach Kafka, or the Kafka endpoint of Event Hubs: shared by source and sink. */
export const connectionSettings = z.strictObject({
  brokers: z
    .array(z.string().regex(/^[^\s,/]+:\d{1,5}$/, 'is not host:port'))
    .min(1)
    .describe('Some of the brokers, as host:port; NAMESPACE.servicebus.windows.net:9093 for Event Hubs.'),
  tls: z
    .union([z.boolean(), tlsSchema])
    .optional()
    .describe('TLS: true, or its files. On where authentication is set, as passwords need it.'),
  authentication: authenticationSchema.optional().describe('Who connects; nobody in particular if left out.'),
})

export type ConnectionSettings = z.output<typeof connectionSettings>
export type Authentication = NonNullable<ConnectionSettings['authentication']>

/** Name of an existing topic, or event hub. */
export const topicSchema = z.string().regex(/^[A-Za-z0-9._-]{1,249}$/)
