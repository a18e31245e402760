import type { Language } from '../language.js'
import {
  calledBody,
  columnsOf,
  kindOf,
  listOf,
  nameOf,
  needed,
  partOf,
  type SyntaxNode,
  textOf,
} from '../syntax.js'
import { aggregates, choosing } from './aggregates.js'
import { KqlError } from './errors.js'
import { constantValue, convertedTo, located, oncePerRun, unsupported } from './expressions.js'
import { type Binding, type Column, type Expr, Names, type Plan, type Scope, scopeOf } from './model.js'
import { operators } from './operators/index.js'
import { datatable } from './operators/sources.js'
import { distinctRows } from './operators/summarize.js'
import { cached, scanPlan } from './rows.js'
import { compileScalar } from './scalars.js'

type FunctionBinding = Extract<Binding, { kind: 'function' }>

/** What a source operator, which has nothing before it, is given as its input. */
const NOTHING: Plan = { columns: [], stable: true, rows: () => [], name: '(none)' }

/** Turns a syntax tree into closures over rows. Functions that `let` declares are put in where they are called. */
export class Compiler {
  readonly #tables: ReadonlyMap<string, readonly Column[]>
  #slots = 0

  constructor(language: Language) {
    this.#tables = new Map(
      language.tables.map(({ name, columns }) => [
        name,
        [...columns].map(([column, type]) => ({ name: column, type })),
      ]),
    )
  }

  /** A place of its own for what is worked out once a run. */
  slot(): number {
    return this.#slots++
  }

  /** Compiles a scalar expression. */
  scalar(node: SyntaxNode, scope: Scope): Expr {
    return compileScalar(this, node, scope)
  }

  isAggregate(name: string): boolean {
    return Object.hasOwn(aggregates, name) || Object.hasOwn(choosing, name)
  }

  cached(plan: Plan): Plan {
    return cached(plan, this)
  }

  grouped(_: SyntaxNode, input: Plan, exprs: readonly Expr[], columns: readonly Column[]): Plan {
    return distinctRows(input, exprs, columns)
  }

  /** Compiles a whole query: `let` statements and, last, a table. */
  query(root: SyntaxNode): Plan {
    return this.#block(listOf(root, 'Statements'), new Names())
  }

  #block(statements: readonly SyntaxNode[], names: Names): Plan {
    const last = statements.at(-1)
    if (!last || kindOf(last) !== 'ExpressionStatement') {
      throw new KqlError('syntax', 'The query has no table at its end', last?.TextStart ?? 0)
    }
    for (const statement of statements.slice(0, -1)) this.#statement(statement, names)
    const result = needed(last, 'Expression')
    if (columnsOf(result) === undefined) return unsupported(result, 'A query that gives no table')
    return this.table(result, names)
  }

  #statement(node: SyntaxNode, names: Names): void {
    if (kindOf(node) === 'SetOptionStatement') return
    if (kindOf(node) !== 'LetStatement') unsupported(node)
    names.set(nameOf(needed(node, 'Name')), this.#binding(needed(node, 'Expression'), names))
  }

  #binding(node: SyntaxNode, names: Names): Binding {
    if (kindOf(node) === 'FunctionDeclaration') return { kind: 'function', declaration: node, names }
    const alias = kindOf(node) === 'NameReference' ? names.get(nameOf(node)) : undefined
    if (alias) return alias
    if (isTable(node)) return { kind: 'table', plan: this.cached(this.table(node, names)) }
    return { kind: 'scalar', expr: oncePerRun(compileScalar(this, node, scopeOf([], names)), this) }
  }

  /** Compiles a tabular expression. */
  table(node: SyntaxNode, names: Names): Plan {
    const kind = kindOf(node)
    if (kind === 'PipeExpression') {
      const input = this.table(needed(node, 'Expression'), names)
      return this.#operator(needed(node, 'Operator'), input, names)
    }
    if (kind === 'ParenthesizedExpression') return this.table(needed(node, 'Expression'), names)
    if (kind === 'MaterializeExpression') return this.cached(this.table(needed(node, 'Expression'), names))
    if (kind === 'NameReference') return this.#named(node, names)
    if (kind === 'DataTableExpression') return datatable(node, names, this)
    if (kind === 'FunctionCallExpression') return this.#call(node, names)
    return this.#operator(node, NOTHING, names)
  }

  /** Compiles a chain of operators, the first of which works on a given table. */
  pipe(node: SyntaxNode, input: Plan, names: Names): Plan {
    if (kindOf(node) !== 'PipeExpression') return this.#operator(node, input, names)
    return this.#operator(
      needed(node, 'Operator'),
      this.pipe(needed(node, 'Expression'), input, names),
      names,
    )
  }

  #operator(node: SyntaxNode, input: Plan, names: Names): Plan {
    const kind = kindOf(node)
    const operator = Object.hasOwn(operators, kind) ? operators[kind] : undefined
    if (!operator) return unsupported(node, `The operator ${textOf(node).split(/[\s(]/)[0]}`)
    try {
      return operator({ node, input, names, compiler: this })
    } catch (error) {
      throw located(error, node)
    }
  }

  #named(node: SyntaxNode, names: Names): Plan {
    const name = nameOf(node)
    const binding = names.get(name)
    if (binding?.kind === 'table') return binding.plan
    if (binding?.kind === 'function') return this.#inline(node, binding, [], undefined, names)
    const columns = this.#tables.get(name)
    if (!columns) throw new KqlError('no-table', `There is no table ${name}`, node.TextStart)
    return scanPlan({ name, columns, limits: [], start: node.TextStart })
  }

  #call(node: SyntaxNode, names: Names): Plan {
    const name = nameOf(needed(node, 'Name'))
    const args = listOf(partOf(node, 'ArgumentList'), 'Expressions')
    const binding = names.get(name)
    if (binding?.kind === 'function') return this.#inline(node, binding, args, scopeOf([], names), names)
    if (name === '_GetWatchlist') return this.#watchlist(node, args, names)
    return unsupported(node, `The table function ${name}()`)
  }

  #watchlist(node: SyntaxNode, args: readonly SyntaxNode[], names: Names): Plan {
    const alias = args[0] && constantValue(compileScalar(this, args[0], scopeOf([], names)))
    if (typeof alias !== 'string') return unsupported(node, '_GetWatchlist() of an alias that is no constant')
    const name = `_GetWatchlist('${alias}')`
    return scanPlan({ name, columns: columnsOf(node) ?? [], limits: [], start: node.TextStart })
  }

  /** A call of a function that gives a table. */
  #inline(
    node: SyntaxNode,
    binding: FunctionBinding,
    args: readonly SyntaxNode[],
    scope: Scope | undefined,
    names: Names,
  ): Plan {
    const body = calledBody(node) ?? needed(binding.declaration, 'Body')
    const inner = this.#parameters(binding, args, scope ?? scopeOf([], names))
    for (const statement of listOf(body, 'Statements')) this.#statement(statement, inner)
    return this.table(needed(body, 'Expression'), inner)
  }

  /** A call of a function that gives a scalar. Arguments may depend on the row of the caller. */
  scalarCall(node: SyntaxNode, binding: FunctionBinding, args: readonly SyntaxNode[], scope: Scope): Expr {
    const body = calledBody(node) ?? needed(binding.declaration, 'Body')
    const inner = this.#parameters(binding, args, scope)
    for (const statement of listOf(body, 'Statements')) this.#letScalar(statement, inner, scope)
    return compileScalar(this, needed(body, 'Expression'), bodyScope(scope, inner))
  }

  #letScalar(node: SyntaxNode, names: Names, scope: Scope): void {
    const value = kindOf(node) === 'LetStatement' ? needed(node, 'Expression') : undefined
    if (!value || kindOf(value) === 'FunctionDeclaration' || isTable(value)) {
      this.#statement(node, names)
      return
    }
    names.set(nameOf(needed(node, 'Name')), {
      kind: 'scalar',
      expr: compileScalar(this, value, bodyScope(scope, names)),
    })
  }

  /** The names that the body of a function sees: those where it was declared, and its parameters. */
  #parameters({ declaration, names }: FunctionBinding, args: readonly SyntaxNode[], scope: Scope): Names {
    const inner = new Names(names)
    const parameters = listOf(needed(declaration, 'Parameters'), 'Parameters')
    if (args.some((arg) => kindOf(arg) === 'SimpleNamedExpression'))
      return unsupported(args[0]!, 'Naming arguments')
    for (const [at, parameter] of parameters.entries()) {
      const declared = needed(parameter, 'NameAndType')
      const fallback = partOf(parameter, 'DefaultValue')
      const value = args[at] ?? (fallback && needed(fallback, 'Value'))
      if (!value) unsupported(parameter, 'A call without this argument')
      inner.set(
        nameOf(needed(declared, 'Name')),
        this.#argument(value, textOf(needed(declared, 'Type')), scope),
      )
    }
    return inner
  }

  #argument(value: SyntaxNode, type: string, scope: Scope): Binding {
    if (type.startsWith('(')) return { kind: 'table', plan: this.cached(this.table(value, scope.names)) }
    const declared = { double: 'real', boolean: 'bool', date: 'datetime', time: 'timespan' }[type] ?? type
    const expr = convertedTo(compileScalar(this, value, scope), declared)
    return { kind: 'scalar', expr: oncePerRun(expr, this) }
  }
}

/** The scope of a function's body: the row is the caller's, but only by way of the parameters. */
function bodyScope(caller: Scope, names: Names): Scope {
  return { columns: new Map(), names, caller: caller.caller ?? caller }
}

function isTable(node: SyntaxNode): boolean {
  return columnsOf(node) !== undefined
}
