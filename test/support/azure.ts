import type { TokenCredential } from '@azure/identity'

/** A credential that gives a token without asking anybody, and remembers what for. */
export function givenToken(token = 'a-token'): TokenCredential & { readonly scopes: string[] } {
  const scopes: string[] = []
  return {
    scopes,
    getToken: async (scope) => {
      scopes.push(...[scope].flat())
      return { token, expiresOnTimestamp: Date.now() + 3_600_000 }
    },
  }
}

/** A credential that has no token, as when the identity is gone. */
export function noToken(message = 'no managed identity here'): TokenCredential {
  return {
    getToken: async () => {
      throw Object.assign(new Error(message), { name: 'CredentialUnavailableError' })
    },
  }
}
