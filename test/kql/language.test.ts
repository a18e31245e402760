import { describe, expect, it } from 'vitest'
import { language, logAnalyticsTables } from '../../src/kql/language.js'

const kql = language(logAnalyticsTables())

describe('the language', () => {
  it('binds names and types of the project’s tables', () => {
    const { diagnostics, columns } = kql.analyse(
      'SigninLogs | summarize Count = count(), any = take_any(Agent) by AppId, bin(TimeGenerated, 1h), _BilledSize',
    )
    expect(diagnostics).toEqual([])
    expect(columns).toEqual([
      { name: 'AppId', type: 'string' },
      { name: 'TimeGenerated', type: 'datetime' },
      { name: '_BilledSize', type: 'real' },
      { name: 'Count', type: 'long' },
      { name: 'any', type: 'dynamic' },
    ])
  })

  it.each([
    ['SigninLogs\n| where Nope == 1', 'KS142', 2, 9],
    ['Nope', 'KS142', 1, 1],
    ['SigninLogs | where', 'KS006', 1, 19],
    ['AuditLogs | extend a = nope(1)', 'KS211', 1, 24],
    ["_GetWatchlist('x') | project Nope", 'KS142', 1, 30],
  ])('finds the mistake in %j', (text, code, line, column) => {
    expect(kql.analyse(text).diagnostics).toMatchObject([{ severity: 'error', code, line, column }])
  })

  it.each([
    "_GetWatchlist('agents') | project id, SearchKey",
    'let f = (T: (*)) { T | where AppId == "x" }; f(SigninLogs)',
    'let f = (from: datetime) { SigninLogs | where TimeGenerated >= from }; f(ago(1h)) | count',
  ])('finds no mistake in %j', (text) => {
    expect(kql.analyse(text).diagnostics).toEqual([])
  })

  it('reports a table that a fuzzy union may lack as a warning', () => {
    expect(kql.analyse('union isfuzzy=true SigninLogs, Nope').diagnostics).toMatchObject([
      { severity: 'warning', code: 'KS205' },
    ])
  })
})
