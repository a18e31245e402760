/** Part of an alert's sentence: plain text, or a value put in its place. */
export type TemplatePart = string | { readonly name: string; readonly format: 'plain' | 'bytes' }

const PLACEHOLDER = /\{([A-Za-z_][A-Za-z0-9_.]*)(?:\|([a-z]+))?\}/g

/**
 * Reads `{Column} pulled {observed|bytes}`. @throws Error on a format that is not known or a stray brace.
 */
export function parseTemplate(text: string): readonly TemplatePart[] {
  const parts: TemplatePart[] = []
  let end = 0
  for (const match of text.matchAll(PLACEHOLDER)) {
    parts.push(plain(text.slice(end, match.index)))
    parts.push({ name: match[1]!, format: formatOf(match[2]) })
    end = match.index + match[0].length
  }
  parts.push(plain(text.slice(end)))
  return parts.filter((part) => part !== '')
}

/** Puts values in their places; a value that is missing reads as "unknown". */
export function render(parts: readonly TemplatePart[], value: (name: string) => unknown): string {
  return parts
    .map((part) => (typeof part === 'string' ? part : format(value(part.name), part.format)))
    .join('')
}

/** The names that a template wants values for. */
export function namesIn(parts: readonly TemplatePart[]): readonly string[] {
  return parts.flatMap((part) => (typeof part === 'string' ? [] : [part.name]))
}

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const

/** `1.2 GB`, in powers of 1000. */
export function bytesText(bytes: number): string {
  let power = 0
  while (power < UNITS.length - 1 && Math.round(bytes / 1000 ** power) >= 1000) power++
  const scaled = bytes / 1000 ** power
  // From 99.95 on a decimal would read 100.0.
  return `${scaled >= 99.95 || power === 0 ? Math.round(scaled) : scaled.toFixed(1)} ${UNITS[power]}`
}

function plain(text: string): string {
  if (/[{}]/.test(text)) throw new Error(`a brace stands alone in "${text.trim()}"`)
  return text
}

function formatOf(name: string | undefined): 'plain' | 'bytes' {
  if (name === undefined) return 'plain'
  if (name === 'bytes') return name
  throw new Error(`unknown format ${name}; known is bytes`)
}

function format(value: unknown, how: 'plain' | 'bytes'): string {
  if (value === undefined || value === '') return 'unknown'
  if (typeof value !== 'number') return sanitise(String(value))
  return how === 'bytes' ? bytesText(value) : numberText(value)
}

function numberText(value: number): string {
  const rounded = Math.abs(value) >= 100 ? Math.round(value) : Math.round(value * 100) / 100
  return rounded.toLocaleString('en-US')
}

/**
 * Control, format (bidirectional, zero-width, tag) and line-separating characters, which a name from a log
 * could hide things with, and halves of characters.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

/** A text from a log as it may stand in a sentence: one line, nothing hidden, at most 200 characters or as many as said. */
export function sanitise(text: string, most = 200): string {
  const clean = text.replace(UNPRINTABLE, ' ')
  return clean.length > most ? `${clean.slice(0, most - 1).replace(/\p{Cs}$/u, '')}…` : clean
}
