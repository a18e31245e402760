import { type Document, isMap, isScalar, LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'

/** Something wrong in a file, with where. Lines and columns count from 1. */
export interface FileProblem {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly message: string
}

/** Thrown once all problems of all files are known. */
export class ProblemsError extends Error {
  readonly problems: readonly FileProblem[]
  constructor(problems: readonly FileProblem[]) {
    super(problems.map(problemText).join('\n'))
    this.name = 'ProblemsError'
    this.problems = problems
  }
}

/** `file:line:col message`, as editors and terminals link it. */
export function problemText({ file, line, column, message }: FileProblem): string {
  return `${file}:${line}:${column} ${message}`
}

type Path = readonly (string | number)[]

/** Largest YAML file that is read, in bytes; a detection has about 2,000. */
const MAX_BYTES = 4_000_000

/** Deepest nesting that is read: the parser recurses, and a hostile file could exhaust its stack. */
const MAX_NESTING = 40

/** A YAML file that was read: its value, and where each part of it stands. */
export class YamlFile {
  readonly file: string
  readonly value: unknown
  readonly problems: FileProblem[] = []
  readonly #document: Document | undefined
  readonly #lines = new LineCounter()

  constructor(file: string, text: string) {
    this.file = file
    const refusal = refuse(text)
    if (refusal) {
      this.problems.push({ file, line: refusal.line, column: 1, message: refusal.message })
      return
    }
    this.#document = parseDocument(text, {
      lineCounter: this.#lines,
      strict: true,
      uniqueKeys: true,
      schema: 'core',
      prettyErrors: false,
    })
    for (const { pos, message } of [...this.#document.errors, ...this.#document.warnings]) {
      this.problems.push({ file, ...this.#place(pos[0]), message })
    }
    if (this.problems.length === 0) this.value = this.#toValue()
  }

  /** Notes a problem at a path of keys; at the nearest place that exists if the path doesn't. */
  report(path: Path, message: string): void {
    this.problems.push({ file: this.file, ...this.#locate(path), message })
  }

  /** Checks the value against a schema, noting every problem. Returns what the schema makes of it. */
  check<T>(schema: z.ZodType<T>): T | undefined {
    if (this.problems.length > 0) return undefined
    const result = schema.safeParse(this.value)
    if (result.success) return result.data
    for (const issue of result.error.issues) this.#reportIssue(issue)
    return undefined
  }

  #toValue(): unknown {
    try {
      return this.#document!.toJS({ maxAliasCount: 50 })
    } catch (error) {
      this.report([], (error as Error).message)
      return undefined
    }
  }

  #reportIssue(issue: z.core.$ZodIssue): void {
    const path = issue.path.map((key) => (typeof key === 'symbol' ? key.toString() : key))
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) this.report([...path, key], `unknown key ${key}`)
    } else this.report(path, path.length > 0 ? `${path.at(-1)}: ${issue.message}` : issue.message)
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

function refuse(text: string): { line: number; message: string } | undefined {
  if (text.length > MAX_BYTES) return { line: 1, message: `larger than ${MAX_BYTES} bytes` }
  for (const [index, line] of text.split('\n').entries()) {
    if (nesting(line) > MAX_NESTING)
      return { line: index + 1, message: `nested more than ${MAX_NESTING} deep` }
  }
  return undefined
}

/** How deep a line goes, by its opening brackets or its block sequences: an upper bound. */
function nesting(line: string): number {
  const brackets = line.match(/[[{]/g)?.length ?? 0
  const dashes = /^\s*((?:- )*)/.exec(line)?.[1]?.length ?? 0
  const indent = /^ */.exec(line)?.[0].length ?? 0
  return Math.max(brackets, dashes / 2 + indent / 2)
}
