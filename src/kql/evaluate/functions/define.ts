/** What a function of the table is told of the call that is being compiled. */
export interface Call {
  /** Types of the arguments as written. */
  readonly types: readonly string[]
  /** Type of the result by the binder. */
  readonly type: string
  /** The values of the arguments that are literals or folded to one; undefined for others. */
  readonly constants: readonly unknown[]
}

/**
 * A scalar function. `parameters` has a letter for each argument: s string, l whole number, r real, n number,
 * t datetime, p timespan, b bool, d dynamic, a anything as it is; `?` after those that may be left out, `*` after one
 * that may repeat. An argument of another type is converted. If a value other than of s, d and a is null, so is the
 * result.
 */
export interface ScalarFunction {
  readonly parameters: string
  readonly make: (call: Call) => Apply
}

export type Apply = (...values: never[]) => unknown

/** A function that is the same whatever the types of its arguments. */
export function pure(parameters: string, apply: Apply): ScalarFunction {
  return { parameters, make: () => apply }
}

/** A function that depends on the types of its arguments. */
export function typed(parameters: string, make: (call: Call) => Apply): ScalarFunction {
  return { parameters, make }
}

export type FunctionTable = Readonly<Record<string, ScalarFunction>>
