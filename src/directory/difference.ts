import type { EntraCredential, EntraFacts } from '../agents/inventory.js'
import { keyOf } from './permissions.js'

/** Facts that are one value each. */
const VALUES = ['kind', 'enabled', 'created', 'blueprint'] as const

/** Facts that are lists, each with how one of the list is named. */
const LISTS = {
  owners: (facts: EntraFacts) => facts.owners,
  sponsors: (facts: EntraFacts) => facts.sponsors,
  tags: (facts: EntraFacts) => facts.tags,
  credentials: (facts: EntraFacts) => facts.credentials.map(credentialText),
  permissions: (facts: EntraFacts) => facts.permissions.map(keyOf),
} as const

/** What differs between what Entra said before and says now, in words, one a line. */
export function differenceOfFacts(before: EntraFacts | undefined, now: EntraFacts): string[] {
  const values = VALUES.filter((name) => before !== undefined && before[name] !== now[name])
  return [
    ...values.map((name) => `${name}: ${before![name] ?? 'none'} -> ${now[name] ?? 'none'}`),
    ...Object.entries(LISTS).flatMap(([name, namesOf]) => {
      const [old, fresh] = [before ? namesOf(before) : [], namesOf(now)]
      const gone = old.filter((one) => !fresh.includes(one)).map((one) => `${name}: - ${one}`)
      return [...gone, ...fresh.filter((one) => !old.includes(one)).map((one) => `${name}: + ${one}`)]
    }),
  ]
}

/** A credential in words: `secret 1f0c… (ci), until 2027-01-01`. */
export function credentialText({ kind, id, name, until }: EntraCredential): string {
  const called = name === undefined ? '' : ` (${name})`
  return `${kind} ${id}${called}${until === undefined ? '' : `, until ${until.slice(0, 10)}`}`
}
