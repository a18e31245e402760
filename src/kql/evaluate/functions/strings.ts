import { createHash } from 'node:crypto'
import { converter } from '../convert.js'
import { KqlError } from '../errors.js'
import type { Long } from '../long.js'
import { regex, replacement } from '../regex.js'
import { type FunctionTable, pure, typed } from './define.js'

/** Characters as KQL counts them: code points. */
function characters(text: string): readonly string[] | string {
  return /[\ud800-\udfff]/.test(text) ? Array.from(text) : text
}

function joined(part: readonly string[] | string): string {
  return typeof part === 'string' ? part : part.join('')
}

function substring(text: string, start: Long, length: Long | undefined): string {
  const all = characters(text)
  const from = Number(start) < 0 ? all.length + Number(start) : Number(start)
  if (length !== undefined && length <= 0) return ''
  if (from < 0) return ''
  return joined(all.slice(from, length === undefined ? undefined : from + Number(length)))
}

function indexOf(
  text: string,
  sought: string,
  start: Long = 0,
  length: Long = -1,
  nth: Long = 1,
): number | null {
  if (sought === '') return null
  if (start < 0) throw new KqlError('unsupported', 'indexof() from a negative position is not supported')
  const all = characters(text)
  const before = (count: number) => joined(all.slice(0, count))
  const looked = length < 0 ? text : before(Number(start) + Number(length))
  let at = before(Number(start)).length - 1
  for (let count = 0; count < nth; count++) {
    at = looked.indexOf(sought, at + 1)
    if (at < 0) return -1
  }
  return characters(text.slice(0, at)).length
}

function countOf(text: string, sought: string, kind = 'normal'): number {
  if (sought === '') return 0
  if (kind === 'regex') return Array.from(text.matchAll(regex(sought))).length
  let count = 0
  for (let at = text.indexOf(sought); at >= 0; at = text.indexOf(sought, at + 1)) count++
  return count
}

function split(text: string, delimiter: string, index: Long | undefined): unknown {
  const parts = delimiter === '' ? [text] : text.split(delimiter)
  if (index === undefined || index === null) return parts
  const part = index < 0 ? undefined : parts[Number(index)]
  if (part === undefined)
    throw new KqlError('runtime', 'split() to a part that there is not is not supported')
  return [part]
}

function extract(pattern: string, index: Long, text: string): string {
  const match = regex(pattern).exec(text)
  return match?.[Number(index)] ?? ''
}

function extractAll(pattern: string, text: string): unknown {
  const found = Array.from(text.matchAll(regex(pattern)), (match) => {
    const groups = match.slice(1).map((group) => group ?? '')
    return groups.length === 1 ? groups[0] : groups
  })
  if (/^(?:[^(\\]|\\.|\(\?)*$/.test(pattern))
    throw new KqlError('syntax', 'extract_all() needs a capture group')
  return found.length === 0 ? null : found
}

function trimStart(pattern: string, text: string): string {
  const match = regex(`^(?:${pattern})`).exec(text)
  return match ? text.slice(match[0].length) : text
}

function trimEnd(pattern: string, text: string): string {
  const match = regex(`(?:${pattern})$`).exec(text)
  return match ? text.slice(0, match.index) : text
}

function hash(algorithm: string) {
  return typed('a', ({ types }) => {
    const text = converter(types[0]!, 'string')
    return (value: unknown) =>
      createHash(algorithm)
        .update(text(value) as string)
        .digest('hex')
  })
}

function decodeBase64(text: string): string {
  const bytes = Buffer.from(text, 'base64')
  if (bytes.toString('base64').replace(/=+$/, '') !== text.replace(/=+$/, '')) return ''
  const decoded = bytes.toString('utf8')
  return decoded.includes('\ufffd') ? '' : decoded
}

function urlDecode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw new KqlError('runtime', `url_decode() of ${JSON.stringify(text)} is not supported`)
  }
}

const strcat = pure('s*', (...values: string[]) => values.join(''))
const baseDecode = pure('s', decodeBase64)
const baseEncode = pure('s', (text: string) => Buffer.from(text, 'utf8').toString('base64'))

/** Functions over text. */
export const strings: FunctionTable = {
  strcat,
  strcat_delim: pure('s*', (delimiter: string, ...values: string[]) => values.join(delimiter)),
  strlen: pure('s', (text: string) => characters(text).length),
  string_size: pure('s', (text: string) => Buffer.byteLength(text)),
  substring: pure('sll?', substring),
  split: pure('ssl?', split),
  replace_string: pure('sss', (text: string, sought: string, by: string) =>
    sought === '' ? text : text.replaceAll(sought, () => by),
  ),
  replace_regex: pure('sss', (text: string, pattern: string, by: string) =>
    text.replace(regex(pattern), replacement(by)),
  ),
  extract: typed('slsa?', ({ types, type }) => {
    const to = converter('string', type)
    if (types.length === 4 && type === 'unknown') throw new KqlError('unsupported', 'extract() to this type')
    return (pattern: string, index: Long, text: string) => to(extract(pattern, index, text))
  }),
  extract_all: typed('sad?', ({ types }) => {
    if (types.length > 2)
      throw new KqlError('unsupported', 'extract_all() with chosen groups is not supported')
    const text = converter(types[1]!, 'string')
    return (pattern: string, value: unknown) => extractAll(pattern, text(value) as string)
  }),
  trim: pure('ss', (pattern: string, text: string) => trimEnd(pattern, trimStart(pattern, text))),
  trim_start: pure('ss', trimStart),
  trim_end: pure('ss', trimEnd),
  tolower: pure('s', (text: string) => text.toLowerCase()),
  toupper: pure('s', (text: string) => text.replace(/[^ß]+/g, (part) => part.toUpperCase())),
  indexof: pure('ssl?l?l?', indexOf),
  countof: pure('sss?', countOf),
  reverse: pure('s', (text: string) => Array.from(text).reverse().join('')),
  repeat: typed('al', ({ types }) => {
    if (types[0] === 'dynamic') throw new KqlError('unsupported', 'repeat() of a dynamic is not supported')
    return (value: unknown, count: Long) => Array(Number(count)).fill(value)
  }),
  strcmp: pure('ss', (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)),
  hash_sha256: hash('sha256'),
  hash_sha1: hash('sha1'),
  hash_md5: hash('md5'),
  base64_encode_tostring: baseEncode,
  base64_encodestring: baseEncode,
  base64_decode_tostring: baseDecode,
  base64_decodestring: baseDecode,
  url_decode: pure('s', urlDecode),
  url_encode_component: pure('s', encodeURIComponent),
}
