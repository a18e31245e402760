import { dynamic, list, member, text } from '../records/values.js'

/** One credential of an application, as an audit record describes it. */
export interface Credential {
  /** The key's id; of a federated credential, whom it trusts (its subject). */
  readonly id: string
  /** `Password`, `AsymmetricX509Cert`, `Federated`, … */
  readonly kind: string
}

/** Which credentials an audit record shows as added and removed. */
export interface CredentialChange {
  readonly added: readonly Credential[]
  readonly removed: readonly Credential[]
}

type Properties = ReadonlyMap<string, { readonly old: string | undefined; readonly new: string | undefined }>

/** A credential, and the text in which it differs from every other of its application. */
interface Listed extends Credential {
  readonly key: string
}

/** `[KeyIdentifier=<id>,KeyType=<kind>,KeyUsage=Verify,DisplayName=…]`, inside JSON text. */
const KEY = /KeyIdentifier=([^,\]]{1,100}),KeyType=([^,\]]{1,100})/g

/**
 * Compares the old and the new list of credentials in the modified properties. The property `Credential` of a
 * new service principal is none of them: every service principal has it from birth.
 */
export function credentialChange(properties: Properties): CredentialChange {
  const before = listed(properties, 'old')
  const after = listed(properties, 'new')
  return { added: without(after, before), removed: without(before, after) }
}

function listed(properties: Properties, side: 'old' | 'new'): readonly Listed[] {
  return [
    ...keysIn(properties.get('KeyDescription')?.[side]),
    ...federatedIn(properties.get('FederatedIdentityCredentials')?.[side]),
  ]
}

function keysIn(value: string | undefined): readonly Listed[] {
  return [...(value ?? '').matchAll(KEY)].map((match) => {
    const id = match[1]!.toLowerCase()
    return { id, kind: match[2]!, key: id }
  })
}

/**
 * Federated credentials stand in a JSON list of objects. Entra trusts what issuer and subject (or the
 * expression that stands for a subject) say, so a new issuer under an old name is a new credential.
 */
function federatedIn(value: string | undefined): readonly Listed[] {
  return list(dynamic(value)).flatMap((entry) => {
    const subject = text(member(entry, 'Subject')) ?? text(member(entry, 'ClaimsMatchingExpressionValue'))
    if (subject === undefined) return []
    return [{ id: subject, kind: 'Federated', key: `${text(member(entry, 'Issuer'))} ${subject}` }]
  })
}

function without(some: readonly Listed[], others: readonly Listed[]): readonly Credential[] {
  const keys = new Set(others.map(({ key }) => key))
  return some.filter(({ key }) => !keys.has(key)).map(({ id, kind }) => ({ id, kind }))
}
