import { textOf } from '../kql/compile.js'
import type { Remembered } from '../scoring/memory.js'
import type { Scorer } from '../scoring/scorer.js'
import type { Summary } from '../scoring/summary.js'
import { views } from '../views/index.js'
import type { View } from '../views/view.js'
import type { Question } from './question.js'
import { pastText, type Whose } from './text.js'

/** All that is to be asked so that a scorer's memory can be made of the answers: some three questions a detection. */
export function questionsOf(scorer: Scorer, whose: Whose): Question[] {
  const remembered = scorer.remembered()
  const byRows = remembered.filter(({ feature }) => !('operators' in feature.past))
  const scopes = new Map(byRows.map(({ scope }) => [scope.key, scope]))
  return [
    ...scorer.views.map((name) => sightings(viewOf(name), whose)),
    ...remembered.filter((one) => !byRows.includes(one)).map((one) => summary(one, whose)),
    ...Array.from(scopes, ([key]) =>
      rows(
        byRows.filter(({ scope }) => scope.key === key),
        whose,
      ),
    ),
  ]
}

function viewOf(name: string): View {
  return views.get(name)!
}

function sightings(view: View, whose: Whose): Question {
  const title = `who is in ${view.name}, hour by hour`
  const operators = [
    '| summarize EventTime = max(EventTime) by TenantId, AgentId, AgentName, Hour = bin(EventTime, 1h)',
  ]
  const query = pastText(title, { view, where: undefined, having: [] }, operators, whose)
  return { title, query, view: view.name, use: { type: 'sightings' } }
}

function summary(remembered: Remembered, whose: Whose): Question {
  const { scope, feature } = remembered
  const view = viewOf(scope.view)
  const title = `${feature.key} in ${scope.view}`
  const operators = (feature.past as Summary<unknown>).operators({ text: textOf(view) })
  const query = pastText(title, { view, where: scope.where, having: scope.having }, operators, whose)
  return { title, query, view: view.name, use: { type: 'summary', remembered } }
}

/** Columns of every row that is asked for itself. */
const OF_EVERY_ROW = ['TenantId', 'AgentId', 'AgentName', 'AppId', 'Type', 'Id', 'EventTime']

function rows(remembered: readonly Remembered[], whose: Whose): Question {
  const { scope } = remembered[0]!
  const needed = remembered.flatMap(({ feature: { past } }) => ('columns' in past ? [past] : []))
  const looked = needed.flatMap((past) => past.columns)
  const hours = Math.max(...needed.map((past) => past.hours))
  const title = `rows of ${scope.view} themselves`
  const columns = [...new Set([...OF_EVERY_ROW, ...looked])]
  const operators = [`| summarize Copies = count() by ${columns.join(', ')}`]
  const wanted = { view: viewOf(scope.view), where: scope.where, having: scope.having }
  const query = pastText(title, wanted, operators, whose)
  return { title, query, view: scope.view, hours, use: { type: 'rows', scope, remembered } }
}
