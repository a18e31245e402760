import { Kept } from '../collections.js'
import { literal } from '../kql/text.js'

/**
 * Steps that leave of a user agent which programs it names, without their versions and without what stands in
 * brackets (systems, builds, addresses): `python-requests/2.31.0` and `python-requests/2.32.3` are one client. In the
 * dialect that JavaScript and KQL's `replace_regex` share.
 */
const STEPS: readonly (readonly [pattern: string, replacement: string])[] = [
  ['\\([^)]*\\)', ' '],
  ['[/ ;_-]v?[0-9][^ ;,]*', ' '],
  ['[0-9a-f]{8}-[0-9a-f-]{27}', ' '],
  ['\\s+', ' '],
]

const compiled = STEPS.map(([pattern, replacement]) => [new RegExp(pattern, 'g'), replacement] as const)

/** Different user agents whose client is kept at hand: agents have few, and the same ones come again and again. */
const CACHE_SIZE = 4_096
const LONGEST = 500
const clients = new Kept<string, string | undefined>(CACHE_SIZE)

/** The programs that a user agent names, in lower case; `undefined` if it names none. Of 500 characters at most. */
export function clientOf(userAgent: string): string | undefined {
  return clients.of(userAgent.slice(0, LONGEST), programsIn)
}

function programsIn(said: string): string | undefined {
  let client = said.toLowerCase()
  for (const [pattern, replacement] of compiled) client = client.replace(pattern, replacement)
  return client.trim() || undefined
}

/** The same of a column, as a KQL expression. */
export function clientText(column: string): string {
  const replaced = STEPS.reduce(
    (text, [pattern, replacement]) => `replace_regex(${text}, ${literal(pattern)}, ${literal(replacement)})`,
    `tolower(substring(${column}, 0, ${LONGEST}))`,
  )
  return `trim(" ", ${replaced})`
}
