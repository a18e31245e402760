/** Reads as much of Bicep as is written here: the resources that it deploys. Expressions come back as text. */
export function readBicep(source: string): { type: string; body: Record<string, unknown> }[] {
  const found: { type: string; body: Record<string, unknown> }[] = []
  for (const match of source.matchAll(/^resource \w+ '([^']+)' = (?:if \([^\n]*\) )?/gm)) {
    const reader = new Reader(source, match.index + match[0].length)
    found.push({ type: match[1]!, body: reader.value() as Record<string, unknown> })
  }
  return found
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }

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
      object[this.#take(/(\w+|'[^']+'): /y)![1]!.replaceAll("'", '')] = this.value()
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

/** What a file of Bicep declares, in its order. */
export interface BicepOutline {
  readonly parameters: readonly {
    readonly name: string
    readonly type: string
    readonly description: string
    readonly optional: boolean
  }[]
  readonly resources: readonly {
    readonly type: string
    readonly existing: boolean
    readonly conditional: boolean
  }[]
  /** Paths of modules. */
  readonly modules: readonly string[]
  readonly outputs: readonly string[]
  /** Paths of files that are loaded. */
  readonly loaded: readonly string[]
}

/** Reads what a file of Bicep declares. */
export function bicepOutline(source: string): BicepOutline {
  const all = (pattern: RegExp) => Array.from(source.matchAll(pattern))
  return {
    parameters: all(/^@description\('((?:[^'\\]|\\.)*)'\)\n(?:@[\s\S]*?\n)?param (\w+) (\w+)( =)?/gm).map(
      ([, description, name, type, value]) => ({
        name: name!,
        type: type!,
        description: description!.replace(/\\(.)/g, '$1'),
        optional: value !== undefined,
      }),
    ),
    resources: all(/^resource \w+ '([^']+)' (existing )?= (if \()?/gm).map(
      ([, type, existing, condition]) => ({
        type: type!,
        existing: existing !== undefined,
        conditional: condition !== undefined,
      }),
    ),
    modules: all(/^module \w+ '([^']+)' = /gm).map(([, path]) => path!),
    outputs: all(/^output (\w+) /gm).map(([, name]) => name!),
    loaded: all(/\bload\w+Content\('([^']+)'\)/g).map(([, path]) => path!),
  }
}
