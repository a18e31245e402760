import { describe, expect, it } from 'vitest'
import { Data, prepare } from '../../../src/kql/evaluate/index.js'
import { language } from '../../../src/kql/language.js'

const kql = language([])

/** Joins a table of the keys on the left with one of those on the right; gives the keys of both sides. */
function joined(kind: string, left: readonly number[], right: readonly number[]) {
  const query = `datatable(k: long)[${left}] | join kind=${kind} (datatable(k: long)[${right}]) on k`
  return prepare(query, kql).run(new Data(new Map()), { now: 0 }).rows
}

const none: readonly number[] = []

describe('a join with a side without rows', () => {
  it.each<[kind: string, left: readonly unknown[], right: readonly unknown[]]>([
    ['innerunique', [], []],
    ['inner', [], []],
    ['leftouter', [], [[1, null]]],
    ['rightouter', [[null, 1]], []],
    ['fullouter', [[null, 1]], [[1, null]]],
    ['leftsemi', [], []],
    ['rightsemi', [], []],
    ['leftanti', [], [[1]]],
    ['rightanti', [[1]], []],
  ])('%s', (kind, leftEmpty, rightEmpty) => {
    expect(joined(kind, none, [1])).toEqual(leftEmpty)
    expect(joined(kind, [1], none)).toEqual(rightEmpty)
    expect(joined(kind, none, none)).toEqual([])
  })
})
