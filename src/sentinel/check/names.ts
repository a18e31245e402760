import { at, type Check } from './check.js'
import { type RuleSource, textOf } from './source.js'

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

function lengthProblem(rule: RuleSource, key: string, most: number) {
  const text = textOf(rule, key)
  if (text === undefined || (text.trim() !== '' && text.length <= most)) return []
  return at(rule, key, `${key} must have 1 to ${most} characters, it has ${text.length}`)
}

/** What rules call themselves: ids, names, descriptions, versions. */
export const names: readonly Check[] = [
  {
    code: 'bad-id',
    level: 'error',
    advice: 'give the rule a GUID and never change it',
    find: (rule) => {
      const id = textOf(rule, 'id')
      return at(rule, 'id', id !== undefined && !GUID.test(id) && `${id} is no GUID`)
    },
  },
  {
    code: 'name-length',
    level: 'error',
    advice: 'shorten the name',
    find: (rule) => lengthProblem(rule, 'name', 256),
  },
  {
    code: 'description-length',
    level: 'error',
    advice: 'shorten the description',
    find: (rule) => lengthProblem(rule, 'description', 5000),
  },
  {
    code: 'description-opening',
    level: 'warning',
    advice: 'begin with "Identifies" or "Detects", as the published rules do',
    find: (rule) => {
      const text = textOf(rule, 'description')
      const odd = text !== undefined && !/^\s*['"]?(Identif|Detect)/i.test(text)
      return at(
        rule,
        'description',
        odd && 'the description does not begin by saying what the rule identifies',
      )
    },
  },
  {
    code: 'bad-version',
    level: 'error',
    advice: 'write the version as three numbers, at most 20 characters',
    find: (rule) => {
      const version = textOf(rule, 'version')
      const odd = version !== undefined && !(/^\d+\.\d+\.\d+$/.test(version) && version.length <= 20)
      return at(rule, 'version', odd && `the version ${version} does not read like 1.0.0`)
    },
  },
  {
    code: 'non-ascii',
    level: 'error',
    advice: 'write it in ASCII: the rule repository takes nothing else',
    find: (rule) =>
      ['name', 'description', 'query'].flatMap((key) => {
        const match = /[^\t\n\r\x20-\x7E]/u.exec(textOf(rule, key) ?? '')
        const code = match?.[0].codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')
        return match
          ? [
              {
                path: rule.path(key),
                offset: match.index,
                message: `${key} has the character U+${code} in it`,
              },
            ]
          : []
      }),
  },
  {
    code: 'azure-sentinel-wording',
    level: 'error',
    advice: 'write "Microsoft Sentinel"',
    find: (rule) =>
      ['name', 'description'].flatMap((key) => {
        const offset = textOf(rule, key)?.search(/Azure Sentinel/i) ?? -1
        return offset < 0
          ? []
          : [{ path: rule.path(key), offset, message: `${key} says "Azure Sentinel", an old name` }]
      }),
  },
]
