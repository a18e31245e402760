import { z } from 'zod'
import { secretSchema } from '../config/secret.js'

const file = z.string().min(1)

const tlsSchema = z
  .strictObject({
    ca: file.optional().meta({ description: 'File of the certificates (PEM) that sign the brokers.' }),
    certificate: file
      .optional()
      .meta({ description: 'File of the client certificate (PEM), for mutual TLS.' }),
    key: file.optional().meta({ description: 'File of its private key (PEM).' }),
  })
  .refine((tls) => !tls.certificate === !tls.key, 'certificate and key belong together')

const clientId = z
  .string()
  .min(1)
  .optional()
  .meta({ description: 'Client id of the identity, where there are several.' })

const authenticationSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('plain').meta({ description: 'SASL PLAIN with a name and a password.' }),
    username: z.string().min(1).meta({ description: 'Name of the user.' }),
    password: secretSchema,
  }),
  z.strictObject({
    kind: z.literal('connection-string').meta({ description: 'A connection string of Event Hubs.' }),
    connectionString: secretSchema,
  }),
  z.strictObject({
    kind: z
      .literal('managed-identity')
      .meta({ description: 'Event Hubs, as the managed identity in Azure.' }),
    clientId,
  }),
  z.strictObject({
    kind: z
      .literal('workload-identity')
      .meta({ description: 'Event Hubs, as the workload identity of a pod in Kubernetes.' }),
    clientId,
  }),
])

/** How to reach Kafka, or the Kafka endpoint of Event Hubs: shared by source and sink. */
export const connectionSettings = z.strictObject({
  brokers: z
    .array(z.string().regex(/^[^\s,/]+:\d{1,5}$/, 'is not host:port'))
    .min(1)
    .meta({
      description: 'Some of the brokers, as host:port; NAMESPACE.servicebus.windows.net:9093 for Event Hubs.',
    }),
  tls: z
    .union([z.boolean(), tlsSchema])
    .optional()
    .meta({ description: 'TLS: true, or its files. On where authentication is set, as passwords need it.' }),
  authentication: authenticationSchema
    .optional()
    .meta({ description: 'Who connects; nobody in particular if left out.' }),
})

export type ConnectionSettings = z.output<typeof connectionSettings>
export type Authentication = NonNullable<ConnectionSettings['authentication']>

/** Name of an existing topic, or event hub. */
export const topicSchema = z.string().regex(/^[A-Za-z0-9._-]{1,249}$/)
