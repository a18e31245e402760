import { describe } from 'vitest'
import { ago, cases, now, rowsAt, times } from './cases.js'

describe('spike', () => {
  const habit = ago(168, 150, 130, 110, 90, 70, 50, 30)
  const burst = (count: number) => times(count, { ResponseSizeBytes: 100, GraphResource: 'mail' })
  const steady = rowsAt(habit, { ResponseSizeBytes: 100, GraphResource: 'mail' })
  const spike = { metric: 'count', floor: 2, k: 3, rel: 0.5 }

  // Each hour has one call: median 1, MAD 0, threshold max(2, 1 + 3 * max(0, 0.5)) = 2.5.
  cases('spike', spike, [
    { why: '3 calls above a threshold of 2.5', rows: [...steady, ...burst(3)], alerts: [{}] },
    { why: '2 calls', rows: [...steady, ...burst(2)], alerts: [] },
    { why: '3 calls on a floor of 3', rows: [...steady, ...burst(3)], said: { floor: 3 }, alerts: [] },
    { why: '4 calls on a floor of 3', rows: [...steady, ...burst(4)], said: { floor: 3 }, alerts: [{}] },
    {
      why: '4 calls, the threshold being 1 + 6 * 0.5',
      rows: [...steady, ...burst(4)],
      said: { k: 6 },
      alerts: [],
    },
    { why: 'history of seven hours', rows: [...steady.slice(0, 7), ...burst(3)], alerts: [] },
    { why: 'history of 167 hours', rows: [...rowsAt(ago(167)), ...steady.slice(1), ...burst(3)], alerts: [] },
  ])

  // Hours of 1, 1, 1, 1, 3, 3, 3, 3 calls: median 2, MAD 1, threshold 2 + 3 * 1.4826 = 6.4478.
  const uneven = [...steady, ...rowsAt(habit.slice(4)), ...rowsAt(habit.slice(4))]
  cases('spike', { ...spike, rel: 0 }, [
    { why: '7 calls above a threshold of 6.4', rows: [...uneven, ...burst(7)], alerts: [{}] },
    { why: '6 calls', rows: [...uneven, ...burst(6)], alerts: [] },
  ])

  // Each hour pulls 100 bytes: threshold max(0, 100 + 3 * 50) = 250.
  const pulled = { metric: 'sum', column: 'ResponseSizeBytes', floor: 0 }
  cases('spike', { ...spike, ...pulled }, [
    { why: '300 bytes above a threshold of 250', rows: [...steady, ...burst(3)], alerts: [{}] },
    { why: '250 bytes', rows: [...steady, ...burst(2), now({ ResponseSizeBytes: 50 })], alerts: [] },
    { why: '251 bytes', rows: [...steady, ...burst(2), now({ ResponseSizeBytes: 51 })], alerts: [{}] },
    {
      why: 'sizes that are missing count as nothing',
      rows: [...steady, ...burst(2), ...times(9)],
      alerts: [],
    },
    // Hours of 100 and of 0 bytes, eight each: median 50, MAD 50, threshold 50 + 3 * 74.13 = 272.39.
    {
      why: 'hours without a size are hours of 0 bytes',
      rows: [
        ...steady,
        ...rowsAt(habit.map((hour) => hour + 1)),
        ...burst(2),
        now({ ResponseSizeBytes: 73 }),
      ],
      alerts: [{}],
    },
    {
      why: 'one byte less is no alert',
      rows: [
        ...steady,
        ...rowsAt(habit.map((hour) => hour + 1)),
        ...burst(2),
        now({ ResponseSizeBytes: 72 }),
      ],
      alerts: [],
    },
  ])

  const resources = (...names: (string | undefined)[]) => names.map((GraphResource) => now({ GraphResource }))
  cases('spike', { ...spike, metric: 'distinct', column: 'GraphResource' }, [
    { why: 'three resources', rows: [...steady, ...resources('a', 'b', 'c')], alerts: [{}] },
    { why: 'two resources, one of them twice', rows: [...steady, ...resources('a', 'b', 'b')], alerts: [] },
    {
      why: 'two resources and rows without one',
      rows: [...steady, ...resources('a', 'b', '', undefined)],
      alerts: [],
    },
    { why: 'two resources in three spellings', rows: [...steady, ...resources('a', 'b', 'B')], alerts: [{}] },
  ])

  // Failures: none in the eight active hours, so median 0, MAD 0 and the threshold is the floor.
  const failures = { of: { ResponseStatusCode: 403 } }
  cases('spike', { ...spike, ...failures }, [
    {
      why: 'three failures, where there were none',
      rows: [...steady, ...times(3, { ResponseStatusCode: 403 })],
      alerts: [{}],
    },
    {
      why: 'three calls of which two fail',
      rows: [...steady, now(), ...times(2, { ResponseStatusCode: 403 })],
      alerts: [],
    },
  ])

  const by = { by: 'GraphResource' }
  cases('spike', { ...spike, ...by }, [
    {
      why: 'three calls of one resource',
      rows: [...steady, ...burst(3)],
      alerts: [{ GraphResource: 'mail' }],
    },
    {
      why: 'a resource of which nothing is known',
      rows: [...steady, ...times(9, { GraphResource: 'files' })],
      alerts: [],
    },
    { why: 'calls without a resource', rows: [...steady, ...times(9)], alerts: [] },
    {
      why: 'three calls in two spellings',
      rows: [...steady, ...burst(2), now({ GraphResource: 'MAIL' })],
      alerts: [],
    },
    {
      why: 'a resource known from one hour of an agent that is known well',
      rows: [
        ...steady,
        ...rowsAt(ago(312), { GraphResource: 'files' }),
        ...times(3, { GraphResource: 'files' }),
      ],
      alerts: [{ GraphResource: 'files' }],
    },
    {
      why: 'a resource known from one hour before the window',
      rows: [
        ...steady,
        ...rowsAt(ago(313), { GraphResource: 'files' }),
        ...times(3, { GraphResource: 'files' }),
      ],
      alerts: [],
    },
  ])
})
