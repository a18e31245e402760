import { describe, expect, it } from 'vitest'
import { markBacklog } from '../../src/daemon/backlog.js'
import { outgoing } from '../support/outgoing.js'

const NOW = Date.parse('2026-11-20T12:00:00Z')

describe('an alert on its way out', () => {
  it.each([
    ['is of a backlog when it happened more than six hours ago', 'raised', '2026-11-20T05:59:59Z', true],
    ['is not when it happened six hours ago', 'raised', '2026-11-20T06:00:00Z', undefined],
    ['is not when it is told again', 'updated', '2026-11-19T05:59:59Z', undefined],
  ] as const)('%s', (_, state, time, expected) => {
    expect(markBacklog([outgoing({ state, time })], NOW).map(({ backlog }) => backlog)).toEqual([expected])
  })
})
