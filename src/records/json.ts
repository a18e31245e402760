import { RecordError } from './record.js'

/** Deepest nesting that is read: what reads JSON later on recurses, and no Entra record comes near it. */
export const MAX_DEPTH = 64

/**
 * Texts up to this length, in characters, are not looked through: they can't be nested deeper than half of it,
 * which every recursion withstands. A single record is shorter, so that its parsing costs no more than it must.
 */
const SHORT = 8_192

const QUOTE = 34
const BACKSLASH = 92

/**
 * Parses JSON that a stranger wrote. Cost: `JSON.parse`, and for long texts about a third more.
 * @throws RecordError `too-deep` or `invalid-json`.
 */
export function parseJson(text: string): unknown {
  if (text.length > SHORT) assertShallow(text)
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new RecordError('invalid-json', (error as Error).message)
  }
}

function assertShallow(text: string): void {
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    // The bit 32 makes `[` and `]` (91, 93) into `{` and `}` (123, 125), and nothing else of JSON's syntax.
    const bracket = code | 32
    if (code === QUOTE) i = endOfString(text, i)
    else if (bracket === 123) depth++
    else if (bracket === 125) depth--
    if (depth > MAX_DEPTH) throw new RecordError('too-deep', `nested more than ${MAX_DEPTH} deep`)
  }
}

/** Index of the quote that ends the string which starts at `start`, or the text's length. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (end > 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end < 0 ? text.length : end
}

function isEscaped(text: string, index: number): boolean {
  let first = index
  while (text.charCodeAt(first - 1) === BACKSLASH) first--
  return (index - first) % 2 === 1
}
