import { Scalar } from 'yaml'

interface Located {
  readonly type?: string
  readonly value: unknown
  readonly range: readonly [number, number, number]
}

/**
 * Where a character of a text stands in the YAML or JSON source that the text was read from. Where the source folds
 * lines, so that characters can't be told apart, the place where the text begins.
 */
export function scalarOffset(source: string, node: Located, offset: number): number {
  const [start, end] = node.range
  if (node.type === Scalar.BLOCK_LITERAL) return inBlock(source, start, String(node.value), offset)
  if (node.type === Scalar.BLOCK_FOLDED || source.slice(start, end).includes('\n')) return start
  if (node.type === Scalar.QUOTE_DOUBLE)
    return escaped(source, start + 1, offset, /\\(?:u.{4}|x..|U.{8}|.)|./suy)
  if (node.type === Scalar.QUOTE_SINGLE) return escaped(source, start + 1, offset, /''|./suy)
  return start + offset
}

/** Lines of a block stand one for one below its header, all moved in by the same number of spaces. */
function inBlock(source: string, header: number, value: string, offset: number): number {
  const before = value.slice(0, offset).split('\n')
  const body = source.indexOf('\n', header) + 1
  const lines = source.slice(body).split('\n')
  const index = before.length - 1
  const skipped = lines.slice(0, index).reduce((sum, line) => sum + line.length + 1, 0)
  const moved = indentOf(lines, value.split('\n'))
  return body + skipped + Math.min(moved + before.at(-1)!.length, lines[index]?.length ?? 0)
}

function indentOf(lines: readonly string[], values: readonly string[]): number {
  const first = values.findIndex((line) => line.trim() !== '')
  return first < 0 ? 0 : lines[first]!.replace(/\r$/, '').length - values[first]!.length
}

/** Walks over as many characters of the text, each of which takes one match of the source. */
function escaped(source: string, start: number, offset: number, character: RegExp): number {
  character.lastIndex = start
  // The text counts in UTF-16 units, of which an escaped or a plain character may have two.
  for (let units = 0; units < offset; ) {
    const [match] = character.exec(source) ?? []
    if (match === undefined) return start
    units += match.startsWith('\\U') || (match[0] !== '\\' && match.length === 2 && match !== "''") ? 2 : 1
  }
  return character.lastIndex
}
