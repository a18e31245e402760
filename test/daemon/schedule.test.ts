import { describe, expect, it } from 'vitest'
import { SaveSchedule } from '../../src/daemon/schedule.js'

const TIMES = { saveEvery: 5_000, alertWithin: 500, maxUnsaved: 1_000 }

/** A schedule at 0 ms, and a way to go on to another time. */
function scheduled(cost: number) {
  let now = 0
  const schedule = new SaveSchedule(TIMES, () => now)
  schedule.begun(cost)
  const at = (time: number) => {
    now = time
    return schedule
  }
  return { schedule, at }
}

describe('the next save', () => {
  it.each<[string, number, number | undefined, number]>([
    ['comes after a while where nothing is found', 0, undefined, 5_000],
    ['comes soon after an alert', 0, 100, 600],
    ['comes soon after an alert that follows a cheap save', 10, 100, 600],
    ['lets scoring go on for ten times as long as the last one held it up', 100, 100, 1_000],
    ['comes soon after an alert that is found after that', 100, 900, 1_400],
    ['never waits longer than without an alert', 1_000, 100, 5_000],
  ])('%s', (_, cost, alertAt, due) => {
    const { schedule, at } = scheduled(cost)
    if (alertAt !== undefined) at(alertAt).alerted()
    expect(schedule.wait).toBe(due - (alertAt ?? 0))
    expect([at(due - 1).isDue, at(due).isDue]).toEqual([false, true])
  })

  it('comes at once when much is unsaved', () => {
    const { schedule } = scheduled(1_000)
    schedule.changed(1_000)
    expect(schedule.isDue).toBe(true)
    schedule.begun(1_000)
    expect(schedule.isDue).toBe(false)
  })
})
