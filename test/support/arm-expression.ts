/** One call of a function in an expression of a resource template. */
export interface Call {
  readonly name: string
  readonly args: readonly Term[]
  /** What is read of its result: `.outputs.x.value`. */
  readonly path: string
}

export type Term = Call | string | number

/** Whether a text is an expression: in brackets, of which the first is not doubled. */
export function isExpression(value: unknown): value is string {
  return typeof value === 'string' && /^\[(?!\[)[\s\S]*\]$/.test(value)
}

/** Reads an expression as Azure Resource Manager does. @throws Error where it is none. */
export function readExpression(text: string): Term {
  const reader = new Reader(text.slice(1, -1))
  const term = reader.term()
  reader.end()
  return term
}

/** All calls within a term. */
export function callsIn(term: Term): Call[] {
  return typeof term === 'object' ? [term, ...term.args.flatMap(callsIn)] : []
}

/** All expressions within a value, wherever they stand. */
export function expressionsIn(value: unknown): string[] {
  if (typeof value === 'string') return isExpression(value) ? [value] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => [...expressionsIn(key), ...expressionsIn(inner)])
}

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  term(): Term {
    const text = this.#take(/'((?:[^']|'')*)'/y)
    if (text) return text[1]!.replaceAll("''", "'")
    const number = this.#take(/-?\d+/y)
    if (number) return Number(number[0])
    return this.#call()
  }

  end(): void {
    if (this.#at < this.#text.length) this.#fail()
  }

  #call(): Call {
    const name = (this.#take(/([A-Za-z]\w*)\(/y) ?? this.#fail())[1]!
    const args: Term[] = []
    while (!this.#take(/\)/y)) {
      args.push(this.term())
      if (!this.#take(/, /y) && this.#text[this.#at] !== ')') this.#fail()
    }
    const path = this.#take(/(?:\.\w+)*/y)![0]
    return { name, args, path }
  }

  #fail(): never {
    throw new Error(`no expression at ${this.#at}: ${this.#text}`)
  }

  #take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#text)
    if (match) this.#at = pattern.lastIndex
    return match
  }
}
