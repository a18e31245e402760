import { createRequire } from 'node:module'

/** What this project uses of `@kusto/language-service-next`: C# compiled to JavaScript. */
export interface Library {
  readonly Bridge: { getEnumerator(list: unknown): Enumerator }
  readonly Kusto: { readonly Language: Language }
}

interface Enumerator {
  moveNext(): boolean
  readonly Current: unknown
}

interface Language {
  readonly KustoCode: { ParseAndAnalyze(text: string, globals: unknown): unknown }
  readonly GlobalState: { readonly Default: Globals }
  readonly Syntax: { readonly SyntaxKind: Readonly<Record<string, unknown>> }
  readonly Symbols: {
    readonly TableSymbol: { readonly $ctor7: Constructor }
    readonly FunctionSymbol: { readonly $ctor16: Constructor }
    readonly DatabaseSymbol: { readonly ctor: Constructor }
    readonly ClusterSymbol: { readonly ctor: Constructor }
  }
}

interface Globals {
  WithCluster(cluster: unknown): Globals
  WithDatabase(database: unknown): Globals
}

type Constructor = new (...args: unknown[]) => object

let loaded: Library | undefined
let kinds: ReadonlyMap<number, string> | undefined

/**
 * Microsoft's parser and binder. Loaded when first asked for, as it takes a fifth of a second and a query
 * is not part of every run. It leaves three globals behind and touches nothing else.
 */
export function library(): Library {
  if (loaded) return loaded
  const require = createRequire(import.meta.url)
  require('@kusto/language-service-next/bridge.min.js')
  require('@kusto/language-service-next/Kusto.Language.Bridge.min.js')
  const { Bridge, Kusto } = globalThis as unknown as Library
  loaded = { Bridge, Kusto }
  return loaded
}

/** The items of a .NET list. */
export function enumerate<T>(list: unknown): T[] {
  const items: T[] = []
  if (list === null || list === undefined) return items
  const enumerator = library().Bridge.getEnumerator(list)
  while (enumerator.moveNext()) items.push(enumerator.Current as T)
  return items
}

/** The library's name for a kind of node. */
export function nameOfKind(kind: number): string {
  kinds ??= new Map(
    Object.entries(library().Kusto.Language.Syntax.SyntaxKind)
      .filter(([, value]) => typeof value === 'number')
      .map(([name, value]) => [value as number, name]),
  )
  return kinds.get(kind) ?? 'Unknown'
}
