import { enumerate, nameOfKind } from './library.js'

/**
 * A node of Microsoft's syntax tree. What the library calls its parts stands in the class of the node
 * (`Kusto.Language.Bridge.d.ts`); the functions here read them in TypeScript's terms.
 */
export interface SyntaxNode {
  readonly Kind: number
  readonly TextStart: number
  readonly End: number
  readonly ChildCount: number
  GetChild(index: number): SyntaxNode | null
  toString(): string
  readonly [part: string]: unknown
}

/** A name and type that a table has. */
export interface KqlColumn {
  readonly name: string
  readonly type: string
}

/** What a name stands for, as the binder found it. */
export interface KqlSymbol {
  readonly name: string
  readonly kind: 'column' | 'table' | 'variable' | 'parameter' | 'function' | 'other'
}

/** The node's kind by the library's own name: `FilterOperator`, `AddExpression`. */
export function kindOf(node: SyntaxNode): string {
  return nameOfKind(node.Kind)
}

/** The text of a node without the white space and comments before it. */
export function textOf(node: SyntaxNode): string {
  return node.toString().trim()
}

/** One part of a node, by the library's name for it; nothing if the source leaves it out. */
export function partOf(node: SyntaxNode, name: string): SyntaxNode | undefined {
  return (node[name] as SyntaxNode | null | undefined) ?? undefined
}

/** A part that the grammar asks for. @throws Error if the node has none, which is a mistake of the caller. */
export function needed(node: SyntaxNode, name: string): SyntaxNode {
  const part = partOf(node, name)
  if (!part) throw new Error(`${kindOf(node)} has no ${name}`)
  return part
}

/** A part that is a list, without its commas. */
export function listOf(node: SyntaxNode | undefined, name: string): SyntaxNode[] {
  const list = node && partOf(node, name)
  return enumerate<SyntaxNode>(list).map((item) => (item.Element as SyntaxNode | undefined) ?? item)
}

/** The arguments of a call, or the values of a list in parentheses. */
export function argumentsOf(node: SyntaxNode): SyntaxNode[] {
  return listOf(partOf(node, 'ArgumentList') ?? node, 'Expressions')
}

/** The plain name that a declaration or reference gives. */
export function nameOf(node: SyntaxNode): string {
  return (node.SimpleName as string | undefined) ?? textOf(node)
}

/** The type of an expression as the binder found it: `long`, `dynamic`, `unknown`. */
export function typeOf(node: SyntaxNode): string {
  const type = node.ResultType as { Name?: string } | null | undefined
  return type?.Name ?? 'unknown'
}

/** The columns of the table that an expression yields; nothing if it is a scalar or could not be bound. */
export function columnsOf(node: SyntaxNode): KqlColumn[] | undefined {
  const columns = (node.ResultType as { Columns?: unknown } | null | undefined)?.Columns
  return columns ? columnList(columns) : undefined
}

/** Columns of a table of the library, in TypeScript's terms. */
export function columnList(columns: unknown): KqlColumn[] {
  return enumerate<{ Name: string; Type: { Name: string } }>(columns).map(({ Name, Type }) => ({
    name: Name,
    type: Type.Name,
  }))
}

/** What the node's name stands for, if the binder knows. */
export function symbolOf(node: SyntaxNode): KqlSymbol | undefined {
  const symbol = node.ReferencedSymbol as { Name: string; constructor: unknown } | null | undefined
  if (!symbol) return undefined
  return { name: symbol.Name, kind: symbolKind(symbol) }
}

const SYMBOL_KINDS: Readonly<Record<string, KqlSymbol['kind']>> = {
  ColumnSymbol: 'column',
  TableSymbol: 'table',
  VariableSymbol: 'variable',
  ParameterSymbol: 'parameter',
  FunctionSymbol: 'function',
}

function symbolKind(symbol: object): KqlSymbol['kind'] {
  const type = (symbol as { constructor: { $$fullname?: string } }).constructor.$$fullname ?? ''
  return SYMBOL_KINDS[type.slice(type.lastIndexOf('.') + 1)] ?? 'other'
}

/** The value of a literal as the library read it; undefined for anything else. */
export function literalOf(node: SyntaxNode): unknown {
  return node.LiteralValue
}

/** The body of a called `let` function, bound to the types of this call's arguments; nothing for a built-in one. */
export function calledBody(node: SyntaxNode): SyntaxNode | undefined {
  const call = node as unknown as { GetCalledFunctionBody?(): SyntaxNode | null }
  return call.GetCalledFunctionBody?.() ?? undefined
}

/** Visits a node and all below it, outer ones first. */
export function walk(node: SyntaxNode, visit: (node: SyntaxNode) => void): void {
  visit(node)
  for (let index = 0; index < node.ChildCount; index++) {
    const child = node.GetChild(index)
    if (child) walk(child, visit)
  }
}
