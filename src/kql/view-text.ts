import type { View, ViewSource } from '../views/view.js'
import type { Step } from './query.js'
import { indent, literal } from './text.js'

/**
 * A view as a `let`: a union of its tables, each projected onto the columns that are needed. A table that a tenant does
 * not export is left out of the union, and does not disable the rule: the first leg is always there.
 *
 * @param arrived - without parameters, of the rows that came in between `Start` and `End`; otherwise a function of the
 * event times `From` and `To`.
 */
export function viewText(view: View, needed: ReadonlySet<string>, arrived: boolean): string {
  const names = [...view.columns.keys(), 'Id'].filter((name) => needed.has(name))
  const legs = [emptyLeg(view, names), ...view.sources.map((source) => legText(source, names, arrived))]
  const union = `union isfuzzy=true\n${indent(legs.map((leg) => `(${leg})`).join(',\n'))}`
  const functions = neededSteps(view.functions ?? [], [union]).map(([, text]) => `let ${text};`)
  const body = arrived ? union : `(From: datetime, To: datetime) {\n${indent(union)}\n}`
  return [...functions, `let ${view.name} = ${body};`].join('\n')
}

function emptyLeg(view: View, names: readonly string[]): string {
  const types = names.map((name) => `${name}: ${view.columns.get(name) === 'number' ? 'long' : 'string'}`)
  return `datatable(${wrapped(['EventTime: datetime', ...types])})[]`
}

function legText({ table, kql }: ViewSource, names: readonly string[], arrived: boolean): string {
  const columns = names.map((name) =>
    columnText(name, name === 'Type' ? literal(table.name) : kql.columns[name]),
  )
  const steps = neededSteps(kql.steps ?? [], [kql.where, ...columns])
  return [
    table.name,
    ...timeFilter(kql.time, arrived),
    ...steps.map(([name, text]) => (text.startsWith('|') ? text : `| extend ${name} = ${text}`)),
    `| where ${kql.where}`,
    `| project ${wrapped([`EventTime = ${kql.time}`, ...columns])}`,
  ].join('\n')
}

function columnText(name: string, expression: string | undefined): string {
  if (expression === undefined) return `${name} = ""`
  return expression === name ? name : `${name} = ${expression}`
}

/** Nothing is exported before it happens, so the time of export bounds the scan. */
function timeFilter(time: string, arrived: boolean): string[] {
  if (arrived) {
    return [
      '| where TimeGenerated >= Earliest',
      '| where ingestion_time() >= Start and ingestion_time() < End',
    ]
  }
  const scan = time === 'TimeGenerated' ? [] : ['| where TimeGenerated >= From']
  return [...scan, `| where ${time} >= From and ${time} < To`]
}

/** A list in lines of at most about a hundred characters. */
function wrapped(items: readonly string[]): string {
  let length = 0
  return items.reduce((text, item) => {
    length += item.length + 2
    if (text === '') return item
    if (length <= 100) return `${text}, ${item}`
    length = item.length
    return `${text},\n    ${item}`
  }, '')
}

/** The steps that yield a name which some expression, or a step that is needed, has in it; in their order. */
export function neededSteps(steps: readonly Step[], expressions: readonly string[]): Step[] {
  const wanted = [...expressions]
  const needed: Step[] = []
  for (const step of steps.toReversed()) {
    const names = new RegExp(`\\b(?:${step[0].split(' ').join('|')})\\b`)
    if (!wanted.some((expression) => names.test(expression))) continue
    wanted.push(step[1])
    needed.unshift(step)
  }
  return needed
}
