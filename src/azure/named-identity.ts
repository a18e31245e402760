import { AzureCliCredential, type TokenCredential } from '@azure/identity'
import { credentialOf } from '../event-hubs/identity.js'

/** What `--auth` takes. */
export const AUTHENTICATIONS = ['azure-cli', 'managed-identity', 'workload-identity'] as const

export type Authentication = (typeof AUTHENTICATIONS)[number]

/**
 * The one identity that the user names, never whichever of a chain happens to answer.
 * @throws Error if it is not set up
 */
export function identityNamed(name: Authentication, clientId: string | undefined): TokenCredential {
  return name === 'azure-cli' ? new AzureCliCredential() : credentialOf({ kind: name, client_id: clientId })
}
