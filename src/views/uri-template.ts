import { Kept } from '../collections.js'
import { literal } from '../kql/text.js'

/**
 * Segments that are part of an operation wherever they stand, though they may follow a collection: `$count`,
 * `delta`, casts to a type, and the actions on collections.
 */
const LITERAL =
  '/(\\$[a-z]+|delta|microsoft\\.graph\\.[^/]*|(?:get|create|validate|evaluate)[a-z0-9]*(?:\\(\\))?|add|remove)(/|$)'

/**
 * Collections of Microsoft Graph whose keys may look like words (names, well-known folders, short ids): the
 * segment after one of them is a key. GUIDs and other ids with digits are known as keys wherever they stand.
 */
const COLLECTIONS: readonly string[] = `applications approleassignedto approleassignments attachments
  authenticationmethodconfigurations buckets calendargroups calendars channels charts chats childfolders columns
  connections contactfolders contacts contenttypes conversations devices domains drives events extensions
  federatedidentitycredentials groups hostedcontents installedapps items lists mailfolders members messagerules
  messages names notebooks oauth2permissiongrants onlinemeetings organization pages permissions photos
  pivottables plans posts recordings replies roleassignments rows schemaextensions sections
  securescorecontrolprofiles serviceprincipals sites special tables tabs tasks teams threads transcripts users
  versions worksheets`.split(/\s+/)

/**
 * Steps that turn the URI of a Microsoft Graph request into its template, so that
 * `https://graph.microsoft.com/v1.0/users/joe@contoso.com/messages?$top=5` and the same call for somebody else
 * are one operation, `/users/{id}/messages`. Each step is a regular expression in the dialect that KQL's
 * `replace_regex` shares (RE2: no look-around, no back-references in the pattern), so that the rule in Sentinel
 * can apply the very same list. `<` marks a segment that must stay as it is; it can't stand in a URI.
 */
export const TEMPLATE_STEPS: readonly (readonly [pattern: string, replacement: string])[] = [
  ['[?#][\\s\\S]*$', ''],
  // No path is that long; the steps below cost the square of the length.
  ['^([\\s\\S]{1000})[\\s\\S]+$', '$1'],
  ['<', ''],
  ['^https?://[^/]*', ''],
  ['/+', '/'],
  ['^(?:/(?:v1\\.0|beta))+(/|$)', '/'],
  // Arguments of a function, and keys in brackets. Brackets inside quotes do not end them.
  ["\\((?:'[^']*'|[^')])*\\)", '()'],
  ['\\([^)]*\\)', '()'],
  ['/delta\\(\\)', '/delta'],
  // Addressing by path: a site by its server and path, an item by its folder and path.
  ['/sites/[^/:]*:+/[^:]*(:|$)', '/sites/{id}'],
  [':+/[^:]*(:|$)', '/{path}'],
  [LITERAL, '/<$1$2'],
  // Neighbours share a slash, so one pass marks only every other one.
  [LITERAL, '/<$1$2'],
  [`/(${COLLECTIONS.join('|')})(?:\\(\\)|/[^/<{][^/]*)`, '/$1/{id}'],
  // Any other segment is an id if it is a GUID, starts with a digit, has four digits, or a sign no name has.
  ['/[0-9a-z]{8}-[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{12}[^/]*', '/{id}'],
  ['/[0-9][^/]*', '/{id}'],
  ['/(?:[^/<{0-9]*[0-9]){4}[^/]*', '/{id}'],
  ["/[^/<{@!=%'+,~]*[@!=%'+,~][^/]*", '/{id}'],
  ['<', ''],
  ['/$', ''],
]

const compiled = TEMPLATE_STEPS.map(
  ([pattern, replacement]) => [new RegExp(pattern, 'g'), replacement] as const,
)

/** URIs whose templates are kept at hand. */
const CACHE_SIZE = 4_096
const templates = new Kept<string, string>(CACHE_SIZE)

/** Longer URIs, of which the steps drop a part, are computed anew. */
const LONGEST_CACHED = 1_000

/** What makes URIs different and not their templates: the query, and GUIDs and numbers that segments begin with. */
const QUERY = /[?#][\s\S]*$/
const ID = /\/(?:[0-9a-z]{8}-[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{12}|[0-9][0-9a-z]*)/g

/** The template of a Graph request's URI, in lower case; `/` for the root. Cost: about 5 us where not cached. */
export function uriTemplate(uri: string): string {
  const path = uri.toLowerCase()
  if (uri.length > LONGEST_CACHED) return templateOf(path)
  return templates.of(path.replace(QUERY, '').replace(ID, '/0'), templateOf)
}

function templateOf(uri: string): string {
  let path = uri
  for (const [pattern, replacement] of compiled) path = path.replace(pattern, replacement)
  return path === '' ? '/' : path
}

/** The template of the URI in a column as a KQL expression: the same steps, one within the other. */
export function uriTemplateText(column: string): string {
  return TEMPLATE_STEPS.reduce(
    (text, [pattern, replacement]) =>
      `replace_regex(${text}, ${literal(pattern)}, ${literal(replacement.replace(/\$(\d)/g, '\\$1'))})`,
    `tolower(${column})`,
  )
}

/** The part of Graph that a template reaches into: its first two segments that are no ids. */
export function graphResource(template: string): string {
  const names = template.split('/').filter((segment) => segment !== '' && !segment.includes('{'))
  return names.slice(0, 2).join('/')
}
