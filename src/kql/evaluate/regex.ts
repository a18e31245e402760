import { KqlError } from './errors.js'

const CACHE_SIZE = 500

/** A function of a text whose results are kept: queries ask for the same few for every row. */
function remembered<T>(of: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>()
  return (text) => {
    const found = known.get(text)
    if (found !== undefined) return found
    const made = of(text)
    if (known.size >= CACHE_SIZE) known.clear()
    known.set(text, made)
    return made
  }
}

const compiled = remembered(compile)

/**
 * A regular expression in RE2's notation as a JavaScript one, `g` and, if it can be, `u` set.
 * @throws KqlError `unsupported` for what JavaScript has not or reads in another way.
 */
export function regex(pattern: string): RegExp {
  const found = compiled(pattern)
  found.lastIndex = 0
  return found
}

function compile(pattern: string): RegExp {
  const leading = /^\(\?([ims]+)\)/.exec(pattern)
  const source = translated(leading ? pattern.slice(leading[0].length) : pattern, pattern)
  const flags = `g${leading?.[1] ?? ''}`
  for (const unicode of ['u', '']) {
    try {
      return new RegExp(source, flags + unicode)
    } catch {
      // Outside of Unicode mode JavaScript lets pass escapes that need none, as RE2 does.
    }
  }
  throw new KqlError('syntax', `Not a regular expression: ${pattern}`)
}

/** What RE2 has not (looking around, references), or JavaScript has not (flags within, swapped greediness). */
const UNSUPPORTED = /(?<!\\)(?:\\\\)*(?:\(\?(?:[=!]|<[=!]|[imsU-]+[:)])|\\[1-9CQE])/

const TOKENS: Readonly<Record<string, string>> = {
  '(?P<': '(?<',
  '\\A': '^',
  '\\z': '$',
  '\\pL': '\\p{L}',
  '\\pN': '\\p{N}',
  '[:alpha:]': 'A-Za-z',
  '[:digit:]': '0-9',
  '[:alnum:]': 'A-Za-z0-9',
  '[:upper:]': 'A-Z',
  '[:lower:]': 'a-z',
  '[:space:]': '\\s',
  '[:word:]': '\\w',
  '[:xdigit:]': '0-9A-Fa-f',
  '[:punct:]': '!-\\/:-@\\[-`{-~',
}

function translated(source: string, whole: string): string {
  const bad = UNSUPPORTED.exec(source)
  if (bad) throw new KqlError('unsupported', `Regular expression ${whole}: ${bad[0]} is not supported`)
  return source.replace(/\[:[a-z]+:\]|\\p[LN]|\\[\s\S]|\(\?P</g, (token) => TOKENS[token] ?? token)
}

/** What stands for a match, in RE2's notation, as JavaScript's: `\1` becomes `$1`. */
export const replacement: (text: string) => string = remembered((text) =>
  text
    .replace(/\$/g, '$$$$')
    .replace(/\\\\|\\(\d)/g, (_, digit?: string) => (digit === undefined ? '\\' : group(digit))),
)

function group(digit: string): string {
  return digit === '0' ? '$&' : `$${digit}`
}
