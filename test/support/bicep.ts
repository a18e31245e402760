/** Reads as much of Bicep as a module of rules uses: resources by their name. Expressions come back as text. */
export function readBicep(source: string): { type: string; body: Record<string, unknown> }[] {
  const found: { type: string; body: Record<string, unknown> }[] = []
  for (const match of source.matchAll(/^resource rule_\w+ '([^']+)' = /gm)) {
    const reader = new Reader(source, match.index + match[0].length)
    found.push({ type: match[1]!, body: reader.value() as Record<string, unknown> })
  }
  return found
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t' }

class Reader {
  readonly #text: string
  #at: number

  constructor(text: string, at: number) {
    this.#text = text
    this.#at = at
  }

  value(): unknown {
    const long = this.#take(/'''\n?([\s\S]*?)'''/y)
    if (long) return long[1]
    const short = this.#take(/'((?:[^'\\\n]|\\.)*)'(?! *[?\]])/y)
    if (short) return short[1]!.replace(/\\(.)/g, (_, sign: string) => ESCAPES[sign] ?? sign)
    if (this.#take(/\{\s*/y)) return this.#object()
    if (this.#take(/\[\s*/y)) return this.#array()
    const code = this.#take(/[^\n]+/y)![0]
    return /^(true|false|\d+)$/.test(code) ? JSON.parse(code) : code
  }

  #object(): Record<string, unknown> {
    const object: Record<string, unknown> = {}
    while (!this.#take(/\}/y)) {
      object[this.#take(/(\w+): /y)![1]!] = this.value()
      this.#take(/\s*/y)
    }
    return object
  }

  #array(): unknown[] {
    const list: unknown[] = []
    while (!this.#take(/\]/y)) {
      list.push(this.value())
      this.#take(/\s*/y)
    }
    return list
  }

  #take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#text)
    if (match) this.#at = pattern.lastIndex
    return match
  }
}
