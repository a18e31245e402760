import type { SyntaxNode } from '../syntax.js'
import type { Data } from './data.js'
import type { Ticks } from './time.js'

/** The values of one row in the order of its table's columns: null for none, ticks for times. */
export type Row = readonly unknown[]

export interface Column {
  readonly name: string
  readonly type: string
}

/** One evaluation of a query. */
export interface Run {
  readonly data: Data
  readonly now: Ticks
  /** What has been worked out once for this run, by number of the place that asked for it. */
  readonly slots: unknown[]
  /** Rows that an operator is working through, and at which of them it is, for functions that look around. */
  rows: readonly Row[]
  index: number
}

/** A compiled scalar expression. */
export interface Expr {
  readonly type: string
  readonly eval: (row: Row, run: Run) => unknown
  /** The scope whose row it depends on; undefined if on none. */
  readonly scope: Scope | undefined
  /** Whether it depends on the run: the data, the evaluation time. */
  readonly run: boolean
  /** Whether it depends on the rows around. */
  readonly window: boolean
}

/** A compiled tabular expression. */
export interface Plan {
  readonly columns: readonly Column[]
  /** The rows; not to be changed. */
  readonly rows: (run: Run) => readonly Row[]
  /** Whether equal rows are the same objects in every run over the same data, so that work on them can be kept. */
  readonly stable: boolean
  /** A name to which `union withsource=` refers. */
  readonly name?: string
  /** A chain of steps over single rows that further ones can join; see rows.ts. */
  readonly chain?: unknown
  /** The tables whose rows these are one after the other, and how to put others in their place. */
  readonly legs?: { readonly plans: readonly Plan[]; readonly join: (plans: readonly Plan[]) => Plan }
  /** Whether the order of the rows means something, as after `sort`. */
  readonly ordered?: boolean
}

/** What names mean at a place in the query. */
export interface Scope {
  /** Columns of the row at hand. */
  readonly columns: ReadonlyMap<string, { readonly index: number; readonly type: string }>
  readonly names: Names
  /** Present where aggregates may stand: takes one and says where in the row its result will be. */
  readonly aggregate?: (node: SyntaxNode) => Expr
  /** In the body of a function, the scope of the call: arguments may depend on its row. */
  readonly caller?: Scope
  /** Columns of either side in the condition of a join. */
  readonly sides?: { readonly left: Scope; readonly right: Scope }
}

/** A name that `let`, a parameter or `as` has given. */
export type Binding =
  | { readonly kind: 'scalar'; readonly expr: Expr }
  | { readonly kind: 'table'; readonly plan: Plan }
  | { readonly kind: 'function'; readonly declaration: SyntaxNode; readonly names: Names }

/** Names in force, those of outer blocks included. */
export class Names {
  readonly #own = new Map<string, Binding>()
  readonly #outer: Names | undefined

  constructor(outer?: Names) {
    this.#outer = outer
  }

  get(name: string): Binding | undefined {
    return this.#own.get(name) ?? this.#outer?.get(name)
  }

  set(name: string, binding: Binding): void {
    this.#own.set(name, binding)
  }
}

/** A scope over the rows of a table. */
export function scopeOf(columns: readonly Column[], names: Names, more: Partial<Scope> = {}): Scope {
  return {
    columns: new Map(columns.map(({ name, type }, index) => [name, { index, type }])),
    names,
    ...more,
  }
}
