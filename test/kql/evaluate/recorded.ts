import { toJson } from '../../../src/kql/evaluate/dynamic.js'
import { Data, KqlError, prepare, type Table } from '../../../src/kql/evaluate/index.js'
import { type KqlTable, language } from '../../../src/kql/language.js'

/** A query and what the real engine answered, as recorded. */
export interface Recorded {
  readonly line: number
  readonly family: string
  readonly query: string
  readonly columns?: readonly string[]
  readonly rows?: readonly string[]
  readonly rejected?: boolean
}

/** What became of a recorded query here. */
export interface Verdict {
  readonly kind: 'equal' | 'wrong' | 'refused' | 'rejected' | 'accepted'
  readonly detail: string
}

const none: readonly KqlTable[] = []
const kql = language(none)
const data = new Data(new Map())

/** Runs a recorded query and compares. `rejected` and `accepted` are of queries that the engine rejects. */
export function verdictOf(recorded: Recorded): Verdict {
  try {
    const table = prepare(recorded.query, kql).run(data, { now: Date.UTC(2026, 0, 1) })
    if (recorded.rejected) return { kind: 'accepted', detail: printed(table).join(' ') }
    const [mine, theirs] = [printed(table), recorded.rows!.map(normalised)]
    const equal = sameRows(mine, theirs) && table.columns.map(({ name }) => name).join() === namesOf(recorded)
    return { kind: equal ? 'equal' : 'wrong', detail: `${mine.join(' ')}\n      not ${theirs.join(' ')}` }
  } catch (error) {
    if (!(error instanceof KqlError)) throw error
    const detail = `${error.code} ${error.message}`
    return { kind: recorded.rejected ? 'rejected' : 'refused', detail }
  }
}

function namesOf({ columns }: Recorded): string {
  return columns!.map((column) => column.slice(0, column.lastIndexOf(':'))).join()
}

/** Rows in any order: of most queries it is undefined. */
function sameRows(mine: readonly string[], theirs: readonly string[]): boolean {
  const [a, b] = [mine.toSorted(), theirs.toSorted()]
  return a.length === b.length && a.every((row, at) => row === b[at])
}

function printed({ columns, rows }: Table): string[] {
  return rows
    .map((row) => `(${row.map((value, at) => printedValue(value, columns[at]!.type)).join(', ')})`)
    .map(normalised)
}

function printedValue(value: unknown, type: string): string {
  if (type === 'string' || type === 'guid') return quoted(value as string)
  if (value === null) return 'null'
  if (type === 'bool') return value ? 'True' : 'False'
  if (type === 'real') return Number.isFinite(value) ? (value as number).toExponential() : String(value)
  return type === 'dynamic' ? toJson(value) : String(value)
}

function quoted(text: string): string {
  return `'${text}'`
}

/** Without white space and quotes, and with numbers to 10 digits, as the recording printed them by its own rules. */
function normalised(row: string): string {
  return row
    .replace(/\s+/g, '')
    .replace(/\\\\/g, '\\')
    .replace(/\\"/g, '"')
    .replace(/\\'/g, "'")
    .replace(/\\t|\\n|\\r/g, '')
    .replace(/['"]/g, '')
    .replace(/(?<![\d.:-])-?\d+(?:\.\d+)?(?:E[+-]?\d+)?(?![\d:.-])/gi, (number) =>
      String(Number(Number(number).toPrecision(10))),
    )
}
