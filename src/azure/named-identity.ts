import {
  AzureCliCredential,
  AzureDeveloperCliCredential,
  AzurePowerShellCredential,
  type TokenCredential,
} from '@azure/identity'
import { credentialOf, type Identity } from './identity.js'

/** How `--auth` may name an identity, and how each gets its tokens. */
const IDENTITIES: Readonly<Record<string, (clientId: string | undefined) => TokenCredential>> = {
  'managed-identity': (client_id) => ownIdentity('managed-identity', client_id),
  'workload-identity': (client_id) => ownIdentity('workload-identity', client_id),
  'azure-cli': () => new AzureCliCredential(),
  'azure-developer-cli': () => new AzureDeveloperCliCredential(),
  'azure-powershell': () => new AzurePowerShellCredential(),
}

/** What `--auth` takes. */
export const AUTHENTICATIONS: readonly string[] = Object.keys(IDENTITIES)

/**
 * The one identity that the user names, never whichever of a chain happens to answer.
 * @throws Error if there is none of that name, or it is not set up
 */
export function identityNamed(name: string, clientId: string | undefined): TokenCredential {
  const make = IDENTITIES[name]
  if (!make) throw new Error(`no identity is called ${name}: ${AUTHENTICATIONS.join(', ')}`)
  return make(clientId)
}

function ownIdentity(kind: Identity['kind'], client_id: string | undefined): TokenCredential {
  return credentialOf({ kind, client_id })
}
