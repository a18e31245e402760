/** Cases by hand of one kind: rows of an agent before and in one hour, and which alerts that hour raises. */
import { expect, it } from 'vitest'
import type { ViewRow } from '../../src/views/view.js'
import { detection } from '../support/detections.js'
import { stream } from '../support/engine.js'
import { graphCall, hourAt, type RowPart } from '../support/rows.js'

/** A Friday; the window reaches back to Saturday the 7th, 03:00. */
export const H = hourAt('2026-11-20T03')

type Part = Omit<RowPart, 'hour'>

export const rowsAt = (hours: readonly number[], part: Part = {}) =>
  hours.map((hour) => graphCall({ ...part, hour }))
export const ago = (...hours: readonly number[]) => hours.map((one) => H - one)
export const now = (part: Part = {}) => graphCall({ ...part, hour: H, minute: 12 })
export const times = (count: number, part: Part = {}) => Array.from({ length: count }, () => now(part))

interface Case {
  readonly why: string
  readonly rows: readonly ViewRow[]
  readonly said?: Readonly<Record<string, unknown>>
  /** The entities of the alerts of hour H. */
  readonly alerts: readonly Record<string, string | number>[]
}

/** Runs the cases of one kind; only the alerts of hour H count. */
export function cases(kind: string, said: Readonly<Record<string, unknown>>, all: readonly Case[]): void {
  const named = all.map((one) => ({ ...one, expected: JSON.stringify(one.alerts) }))
  it.each(named)('$why: $expected', ({ rows, said: own = {}, alerts }) => {
    const inOrder = [...rows].sort((a, b) => a.EventTime - b.EventTime)
    const { alerts: raised } = stream([detection({ kind, ...said, ...own })], inOrder)
    const ofHour = raised.filter(({ hour }) => hour === '2026-11-20T03:00:00Z')
    expect(ofHour.map(({ entity }) => JSON.stringify(entity)).sort()).toEqual(
      alerts.map((entity) => JSON.stringify(entity)).sort(),
    )
  })
}
