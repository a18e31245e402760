import type { TokenCredential } from '@azure/identity'
import type { SASLOptions } from 'kafkajs'
import { credentialOf } from '../azure/identity.js'
import { readSecret } from '../config/secret.js'
import type { Authentication } from './settings.js'

/** A token that does not come must not hold up a connection for ever. */
const TOKEN_LIMIT = 10_000

/** SASL OAUTHBEARER with tokens for one host of Event Hubs. */
export function bearer(credential: TokenCredential, host: string): SASLOptions {
  const scope = `https://${host}/.default`
  const oauthBearerProvider = async () => {
    const token = await credential.getToken(scope, { abortSignal: AbortSignal.timeout(TOKEN_LIMIT) })
    if (!token) throw new Error(`no token for ${scope}`)
    return { value: token.token }
  }
  return { mechanism: 'oauthbearer', oauthBearerProvider }
}

/**
 * What kafkajs needs to authenticate itself with the first broker's host; secrets are read anew.
 * @throws Error if a secret is not there, or a workload identity is not set up
 */
export function saslOf(authentication: Authentication, host: string): SASLOptions {
  if (authentication.kind === 'plain') {
    const password = readSecret(authentication.password)
    return { mechanism: 'plain', username: authentication.username, password }
  }
  if (authentication.kind === 'connection-string') {
    const password = readSecret(authentication.connection_string)
    return { mechanism: 'plain', username: '$ConnectionString', password }
  }
  return bearer(credentialOf(authentication), host)
}
