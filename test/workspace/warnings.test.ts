import { expect, it } from 'vitest'
import { warningsOf } from '../../src/workspace/warnings.js'

/** The error of an answer that is called partial, with details of these severities. */
function body(...severities: unknown[]): string {
  const details = severities.map((severity) => ({
    code: 'EngineError',
    innererror: { severity, message: 'why' },
  }))
  return JSON.stringify({ tables: [], error: { code: 'PartialError', message: 'some errors', details } })
}

// "make sure no record in this result has a Severity of 2 or smaller":
// https://learn.microsoft.com/azure/data-explorer/kusto/concepts/partialqueryfailures
it.each<[string, string | undefined, readonly string[] | undefined]>([
  ['warnings alone', body(3, 4), ['why', 'why']],
  ['a warning and an error', body(3, 2), undefined],
  ['an error', body(2), undefined],
  ['no word of how severe it is', body(undefined), undefined],
  ['no details', body(), undefined],
  [
    'an error without details',
    '{"tables":[],"error":{"code":"PartialError","message":"some errors"}}',
    undefined,
  ],
  ['what is no JSON', '<html>', undefined],
  ['nothing', undefined, undefined],
])('of %s', (_what, text, warnings) => {
  expect(warningsOf(text)).toEqual(warnings)
})
