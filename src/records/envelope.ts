const USUAL_KEYS = new Map(
  [
    'time',
    'resourceId',
    'operationName',
    'operationVersion',
    'category',
    'tenantId',
    'resultType',
    'resultSignature',
    'resultDescription',
    'durationMs',
    'callerIpAddress',
    'correlationId',
    'identity',
    'level',
    'location',
    'properties',
  ].map((key) => [key.toLowerCase(), key]),
)

/** The envelope's keys as Entra writes them. */
export const USUAL_SPELLINGS: ReadonlySet<string> = new Set([...USUAL_KEYS.values(), 'Level'])

/** Whether a key is one of the envelope's in an unusual case. */
export function isVariant(key: string): boolean {
  return !USUAL_SPELLINGS.has(key) && USUAL_KEYS.has(key.toLowerCase())
}

/** Some forwarders change the case of the envelope's keys. A key in its usual spelling wins over a variant. */
export function withUsualKeys(element: object): object {
  const odd = Object.keys(element).filter(isVariant)
  if (odd.length === 0) return element
  const variants = odd.map((key) => [
    USUAL_KEYS.get(key.toLowerCase())!,
    (element as Record<string, unknown>)[key],
  ])
  return { ...Object.fromEntries(variants), ...element }
}
