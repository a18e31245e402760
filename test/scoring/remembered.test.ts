import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Alert } from '../../src/alerts/alert.js'
import type { Detection } from '../../src/detections/detection.js'
import { Scorer } from '../../src/scoring/scorer.js'
import { aLog } from '../kinds/logs.js'
import { detection } from '../support/detections.js'
import { closed, H, inOrder, mail, pack, placeOf, refusals, saved, scored, young } from './pack.js'

/** A new scorer that knows what another knew, by way of JSON. */
function resumed(detections: readonly Detection[], from: Scorer): Scorer {
  const to = new Scorer(detections)
  const plain = JSON.parse(JSON.stringify({ agents: saved(from), alerts: [...from.book.saved()] }))
  for (const { memory, ...agent } of plain.agents) {
    const slots: unknown[] = []
    for (const one of to.remembered()) {
      if (placeOf(one) in memory) slots[one.slot] = one.feature.load(memory[placeOf(one)])
    }
    to.restore({ name: undefined, ...agent, slots })
  }
  for (const alert of plain.alerts) to.book.restore(...(alert as [string, number, Alert]))
  return to
}

describe('what is remembered', () => {
  // The same wishes again, of another view and of other rows, in another order of slots.
  const everything = [
    ...pack,
    detection({
      id: 'sign-in-nights',
      kind: 'off_hours',
      view: 'SignIns',
      min_days: { weekday: 1, weekend: 1 },
      ...young,
    }),
    detection({
      id: 'news-of-successes',
      kind: 'new_value',
      field: 'GraphResource',
      where: { ResponseStatusCode: 200 },
      ...young,
    }),
    refusals,
  ]

  it('is nothing of a metric before a row comes that it is of', () => {
    const scorer = scored(new Scorer([refusals]), [mail(H)])
    const places = () =>
      [...scorer.agents()].map(({ slots }) => slots.filter((one) => one !== undefined).length)
    expect(places()).toEqual([1])
    scored(scorer, [mail(H, { ResponseStatusCode: 403 })])
    expect(places()).toEqual([2])
  })

  it('has a place of its own in saved state', () => {
    const places = new Scorer(everything).remembered().map(placeOf)
    expect(new Set(places).size).toBe(places.length)
  })

  it('can be saved at any row and taken up again, by the detections in any order: the alerts are the same', () => {
    fc.assert(
      fc.property(aLog, fc.double({ min: 0, max: 1, noNaN: true }), (log, share) => {
        const rows = inOrder(log)
        const cut = Math.floor(share * rows.length)
        const whole = scored(new Scorer(everything), rows.slice(0, cut))
        const restored = resumed([...everything].reverse(), whole)
        expect(saved(restored)).toEqual(JSON.parse(JSON.stringify(saved(whole))))
        const rest = rows.slice(cut)
        expect(closed(scored(restored, rest))).toEqual(closed(scored(whole, rest)))
      }),
      { numRuns: 100 },
    )
  })
})
