import {
  type Accompaniment,
  COMPANION_FACTS,
  COMPANION_PREFIX,
  type ColumnPair,
  type Companion,
  joinsByApplication,
} from '../scoring/companion.js'
import { knowsTenant, type View } from '../views/view.js'
import type { KqlType, QueryScope } from './query.js'
import { indent, timespan } from './text.js'

/** How a companion's query is put together with that of the detection's own rows. */
export interface CompanionScope {
  /** The detection's own columns that the query carries, without `EventTime`. */
  readonly own: readonly string[]
  /** Operators on a view that leave the rows of agents which satisfy its condition. */
  readonly rows: (companion: Companion) => string
  /** A column's value as a text, as `QueryScope` has it, of the detection's view or the companion's. */
  readonly text: { readonly own: QueryScope['text']; readonly theirs: QueryScope['text'] }
}

/** `after.ActorName` as the column that carries it: `AfterActorName`. */
export function companionColumn(placeholder: string): string {
  const name = placeholder.slice(COMPANION_PREFIX.length)
  return `After${name.charAt(0).toUpperCase()}${name.slice(1)}`
}

/** What an alert shows of a companion, as columns of the query. */
export function companionColumns({ after }: Accompaniment): Map<string, KqlType> {
  if (after === undefined) return new Map()
  const facts = COMPANION_FACTS.map((fact) => [companionColumn(COMPANION_PREFIX + fact), 'long'] as const)
  const shown = after.shown.map((column) => {
    const type: KqlType = after.view.columns.get(column) === 'number' ? 'long' : 'string'
    return [companionColumn(COMPANION_PREFIX + column), type] as const
  })
  return new Map([...facts, ...shown])
}

/** The companion's columns that the query reads beside those that every query does. */
export function companionNeeds({ on, differs, shown }: Companion): string[] {
  return [...[...on, ...differs].map(({ theirs }) => theirs), ...shown]
}

/** The detection's own columns that its companions are compared with. */
export function ownNeeds(...companions: readonly (Companion | undefined)[]): string[] {
  return companions.flatMap((one) => (one ? [...one.on, ...one.differs].map(({ own }) => own) : []))
}

/** The name of the rows of the judged hour that are left once their companions were looked for. */
export function judgedRows({ after, unless }: Accompaniment): string {
  return after ? 'Accompanied' : unless ? 'Unannounced' : 'Rows(Start, End)'
}

/**
 * Statements that bind `Unannounced` and `Accompanied`, whichever the detection asks for. What a companion is:
 * `docs/decisions/0008-pair.md`.
 */
export function companionText(
  { view, after, unless }: Accompaniment,
  scopeOf: (companion: Companion) => CompanionScope,
): string {
  const statements: string[] = []
  if (unless) {
    const byApplication = joinsByApplication(view, unless.view)
    statements.push(candidates('Announcements', unless, byApplication, scopeOf(unless)))
    statements.push(unannounced('Rows(Start, End)', view, unless, byApplication, scopeOf(unless)))
  }
  if (after) {
    const byApplication = joinsByApplication(view, after.view)
    const judged = unless ? 'Unannounced' : 'Rows(Start, End)'
    statements.push(candidates('Companions', after, byApplication, scopeOf(after)))
    statements.push(accompanied(judged, view, after, byApplication, scopeOf(after)))
  }
  return statements.join('\n')
}

/** The rows that may be companions, with what they are joined by and compared on. */
function candidates(
  name: string,
  companion: Companion,
  byApplication: boolean,
  { rows, text }: CompanionScope,
): string {
  const { on, differs, shown, within, view } = companion
  const columns = [
    'TenantId',
    'Meeting',
    'CompanionTime = bin(EventTime, 1ms)',
    ...on.map(({ theirs }, at) => `On${at} = ${folded(text.theirs(theirs))}`),
    ...differs.map(({ theirs }, at) => `Theirs${at} = ${folded(text.theirs(theirs))}`),
    ...shown.map((column) => `${companionColumn(COMPANION_PREFIX + column)} = ${column}`),
  ]
  const lines = [rows(companion), ...meetingLines(byApplication), `| project ${columns.join(', ')}`]
  const source = `${view.name}(Start - ${timespan(within)}, End)`
  return `let ${name} = materialize(${source}\n${indent(lines.join('\n'))});`
}

function folded(text: string): string {
  return `tolower(${text})`
}

/** The id by which two rows of one agent find each other. */
function meetingLines(byApplication: boolean): string[] {
  if (!byApplication) return ['| extend Meeting = AgentId']
  return ['| mv-expand Meeting = pack_array(AgentId, AppId) to typeof(string)', '| where isnotempty(Meeting)']
}

function ownLines(
  judged: string,
  { on, differs }: Companion,
  byApplication: boolean,
  text: QueryScope['text'],
): string[] {
  const named = (pairs: readonly ColumnPair[], name: string) =>
    pairs.map(({ own }, at) => `${name}${at} = ${folded(text(own))}`)
  const columns = ['At = bin(EventTime, 1ms)', ...named(on, 'On'), ...named(differs, 'Own')]
  return [judged, `| extend ${columns.join(', ')}`, ...meetingLines(byApplication)]
}

/** Where a view does not know the tenant, the ids are enough: they are of one tenant each. */
function joinKeys({ view, on }: Companion, own: View): string {
  const tenant = knowsTenant(view) && knowsTenant(own) ? ['TenantId'] : []
  return [...tenant, 'Meeting', ...on.map((_, at) => `On${at}`)].join(', ')
}

/** Whether a row's candidate is its companion. */
function isCompanion({ within, on, differs }: Companion): string {
  return [
    `CompanionTime between (At - ${timespan(within)} .. At - 1ms)`,
    ...on.map((_, at) => `isnotempty(On${at})`),
    ...differs.map((_, at) => `isnotempty(Own${at}) and isnotempty(Theirs${at}) and Own${at} != Theirs${at}`),
  ].join(' and ')
}

function accompanied(
  judged: string,
  view: View,
  companion: Companion,
  byApplication: boolean,
  { own, text }: CompanionScope,
): string {
  const shown = companion.shown.map((column) => companionColumn(COMPANION_PREFIX + column))
  const latest = ['CompanionTime', ...shown].join(', ')
  const lines = [
    ...ownLines(judged, companion, byApplication, text.own),
    `| join kind=inner Companions on ${joinKeys(companion, view)}`,
    `| where ${isCompanion(companion)}`,
    `| summarize arg_max(${latest}) by ${['EventTime', ...own].join(', ')}`,
    '| extend AfterMinutes = tolong((bin(EventTime, 1ms) - CompanionTime) / 1m)',
  ]
  return `let Accompanied = ${lines.join('\n    ')};`
}

function unannounced(
  judged: string,
  view: View,
  companion: Companion,
  byApplication: boolean,
  { own, text }: CompanionScope,
): string {
  const compared = [
    ...companion.on.map((_, at) => `On${at}`),
    ...companion.differs.map((_, at) => `Own${at}`),
  ]
  // Rows of one instant that are alike but for what is compared are not the same row.
  const row = ['EventTime', ...own, ...compared].join(', ')
  const lines = [
    ...ownLines(judged, companion, byApplication, text.own),
    `| join kind=leftouter Announcements on ${joinKeys(companion, view)}`,
    `| summarize Announced = countif(${isCompanion(companion)}) by ${row}`,
    '| where Announced == 0',
  ]
  return `let Unannounced = ${lines.join('\n    ')};`
}
