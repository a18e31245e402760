import { readFile } from 'node:fs/promises'
import {
  type Alias,
  type Document,
  isMap,
  isScalar,
  Lexer,
  LineCounter,
  Parser,
  parseDocument,
  visit,
  type YAMLMap,
} from 'yaml'
import type { z } from 'zod'
import { scalarOffset } from './scalar-offset.js'

/** Something wrong in a file, with where. Lines and columns count from 1. */
export interface FileProblem {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly message: string
}

/** Order of the problems of one file, as one reads it. */
export function byPlace(a: FileProblem, b: FileProblem): number {
  return a.line - b.line || a.column - b.column
}

/** Thrown once all problems of all files are known. */
export class ProblemsError extends Error {
  readonly problems: readonly FileProblem[]
  constructor(problems: readonly FileProblem[], options?: ErrorOptions) {
    super(problems.map(problemText).join('\n'), options)
    this.name = 'ProblemsError'
    this.problems = problems
  }
}

/** `file:line:col message`, as editors and terminals link it. */
export function problemText({ file, line, column, message }: FileProblem): string {
  return `${file}:${line}:${column} ${message}`
}

/**
 * Reads a file that the user named.
 * @throws ProblemsError if it can't be read.
 */
export async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new ProblemsError([{ file, line: 1, column: 1, message: unreadable(cause) }], { cause })
  }
}

/** Why a file or folder can't be read, in words. */
export function unreadable(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  return `cannot be read: ${code === 'ENOENT' ? 'there is no such file or directory' : message}`
}

/** The keys and indexes that lead to a value. */
export type Path = readonly (string | number)[]

/** Largest YAML file that is read, in bytes; a detection has about 2,000. */
const MAX_BYTES = 4_000_000

/** Deepest nesting that is read: what follows recurses, and a hostile file could exhaust its stack. */
const MAX_NESTING = 40

/** Most often that aliases repeat what they stand for: a few lines of them can stand for gigabytes. */
const MAX_ALIASES = 50

/** A YAML file that was read: its value, and where each part of it stands. */
export class YamlFile {
  readonly file: string
  readonly value: unknown
  readonly problems: FileProblem[] = []
  readonly #text: string
  readonly #document: Document | undefined
  readonly #lines = new LineCounter()
  readonly #readable: boolean = false
  #lastAlias = 0

  constructor(file: string, text: string) {
    this.file = file
    this.#text = text
    const refusal = refuse(text)
    if (refusal) {
      this.problems.push({ file, ...refusal })
      return
    }
    this.#document = parseDocument(text, {
      lineCounter: this.#lines,
      strict: true,
      // Checked below: the parser's own check compares each key with each other.
      uniqueKeys: false,
      schema: 'core',
      merge: true,
      prettyErrors: false,
    })
    for (const { pos, message } of [...this.#document.errors, ...this.#document.warnings]) {
      this.problems.push({ file, ...this.#place(pos[0]), message })
    }
    this.#checkNodes(this.#document)
    if (this.problems.length === 0) this.value = this.#toValue(this.#document)
    this.#readable = this.problems.length === 0
  }

  /** Notes a problem at a path of keys; at the nearest place that exists if the path doesn't. */
  report(path: Path, message: string): void {
    this.problems.push({ file: this.file, ...this.#locate(path), message })
  }

  /**
   * Where a path of keys stands, or the nearest place that exists if the path doesn't; with an offset, where that
   * character of the text at the path stands.
   */
  place(path: Path, offset?: number): { line: number; column: number } {
    const node = offset === undefined ? undefined : this.#node(path)
    if (offset === undefined || !isScalar(node) || !node.range) return this.#locate(path)
    return this.#place(scalarOffset(this.#text, { ...node, range: node.range }, offset))
  }

  /**
   * Checks the value against a schema, noting every problem; nothing where it could not be read. Returns what the
   * schema makes of it.
   */
  check<T>(schema: z.ZodType<T>): T | undefined {
    if (!this.#readable) return undefined
    const result = schema.safeParse(this.value)
    if (result.success) return result.data
    for (const issue of result.error.issues) this.#reportIssue(issue)
    return undefined
  }

  #checkNodes(document: Document): void {
    visit(document, {
      Map: (_, map) => this.#checkKeys(map),
      Alias: (_, alias, path) => this.#checkAlias(alias, alias.resolve(document), path),
    })
  }

  #checkKeys({ items }: YAMLMap): void {
    const seen = new Set<string>()
    for (const { key } of items) {
      if (!isScalar(key)) continue
      const name = String(key.value)
      if (seen.has(name)) this.#reportAt(key.range?.[0] ?? 0, `the key ${name} stands here twice`)
      seen.add(name)
    }
  }

  /** An alias of nothing has no value; one of what it stands in has no end. */
  #checkAlias(alias: Alias, source: unknown, path: readonly unknown[]): void {
    this.#lastAlias = alias.range?.[0] ?? 0
    if (!source) this.#reportAt(this.#lastAlias, `nothing is called &${alias.source} before this`)
    else if (path.includes(source)) this.#reportAt(this.#lastAlias, `*${alias.source} contains itself`)
  }

  #toValue(document: Document): unknown {
    try {
      return document.toJS({ maxAliasCount: MAX_ALIASES })
    } catch (error) {
      this.#reportAt(this.#lastAlias, (error as Error).message)
      return undefined
    }
  }

  #reportAt(offset: number, message: string): void {
    this.problems.push({ file: this.file, ...this.#place(offset), message })
  }

  #reportIssue(issue: z.core.$ZodIssue): void {
    const path = issue.path.map((key) => (typeof key === 'symbol' ? key.toString() : key))
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) this.report([...path, key], `unknown key ${key}`)
    } else if (issue.message.startsWith('Invalid input') && this.#isMissing(path)) {
      this.report(path, `${path.at(-1)} is missing`)
    } else this.report(path, path.length > 0 ? `${path.at(-1)}: ${issue.message}` : issue.message)
  }

  /** Whether a key is not there at all, where there is something that could hold it. */
  #isMissing(path: Path): boolean {
    return path.length > 0 && this.#document !== undefined && !this.#document.hasIn(path)
  }

  #locate(path: Path): { line: number; column: number } {
    for (let length = path.length; length >= 0; length--) {
      const offset = this.#offset(path.slice(0, length))
      if (offset !== undefined) return this.#place(offset)
    }
    return { line: 1, column: 1 }
  }

  /** Where the key stands if the path ends in one, else where the value stands. */
  #offset(path: Path): number | undefined {
    const parent = path.length > 0 ? this.#node(path.slice(0, -1)) : undefined
    if (isMap(parent)) {
      const pair = parent.items.find(({ key }) => isScalar(key) && String(key.value) === String(path.at(-1)))
      if (isScalar(pair?.key)) return pair.key.range?.[0]
      return undefined
    }
    const node = this.#node(path)
    return (node as { range?: [number, number, number] } | undefined)?.range?.[0]
  }

  #node(path: Path): unknown {
    return path.length === 0 ? this.#document?.contents : this.#document?.getIn(path, true)
  }

  #place(offset: number): { line: number; column: number } {
    const { line, col } = this.#lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
}

function refuse(text: string): Omit<FileProblem, 'file'> | undefined {
  if (text.length > MAX_BYTES) return { line: 1, column: 1, message: `larger than ${MAX_BYTES} bytes` }
  const offset = tooDeep(text)
  if (offset === undefined) return undefined
  const before = text.slice(0, offset).split('\n')
  const message = `nested more than ${MAX_NESTING} deep`
  return { line: before.length, column: before.at(-1)!.length + 1, message }
}

/** Where the nesting first goes too deep. The parser keeps a stack of its own and does not recurse. */
function tooDeep(text: string): number | undefined {
  const parser = new Parser()
  for (const lexeme of new Lexer().lex(text)) {
    for (const _ of parser.next(lexeme));
    // The stack begins with the document and ends with a value.
    if (parser.stack.length > MAX_NESTING + 2) return parser.offset - lexeme.length
  }
  return undefined
}
