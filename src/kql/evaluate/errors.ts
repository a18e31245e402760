import { positions } from '../language.js'

/**
 * Why a query gives no result: `syntax`: Microsoft's parser or binder, or the service by its own rules, rejects it;
 * `unsupported`: outside of what is evaluated here; `no-table`: the data lack a table; `runtime`: a value that
 * could not be worked out exactly.
 */
export type KqlErrorCode = 'syntax' | 'unsupported' | 'no-table' | 'runtime'

/** A query that could not be evaluated, and where in its text the reason stands. */
export class KqlError extends Error {
  override readonly name = 'KqlError'
  readonly code: KqlErrorCode
  /** Offset into the text in UTF-16 units; undefined before the query's text is known. */
  readonly start: number | undefined
  /** Both counted from 1; 0 where no position is known. */
  line = 0
  column = 0

  constructor(code: KqlErrorCode, message: string, start?: number, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.start = start
  }

  /** The same error with line and column, as the text is known. */
  at(text: string): this {
    if (this.start === undefined) return this
    const { line, column } = positions(text)(this.start)
    this.line = line
    this.column = column
    return this
  }
}
