import { describe, expect, it } from 'vitest'
import { isHealthy, isReady } from '../../src/daemon/health.js'
import type { EngineStatus } from '../../src/daemon/status.js'

const FINE = {
  waitingFor: undefined,
  state: { failure: undefined },
  connections: new Map([['hub', { up: true, detail: '' }]]),
} as unknown as EngineStatus

const of = (status: object) => ({ ...FINE, ...status }) as EngineStatus

describe('health', () => {
  it.each([
    ['all is scored', {}, 0, true],
    ['nothing was scored for a little while', {}, 119_000, true],
    ['nothing was scored for too long although something waits', {}, 120_000, false],
    ['the disk is full: a restart would not help', { waitingFor: 'state' }, 999_000, true],
    ['the outbox is full', { waitingFor: 'outbox' }, 999_000, true],
    ['a broker is away', { connections: new Map() }, 0, true],
  ])('when %s', (_, status, stuckFor, ok) => {
    expect(isHealthy(of(status), stuckFor, 120_000).ok).toBe(ok)
  })
})

describe('readiness', () => {
  it.each([
    ['all is well', {}, []],
    ['the state is being restored', { waitingFor: 'start' }, ['waiting for start']],
    ['the outbox is full', { waitingFor: 'outbox' }, ['waiting for outbox']],
    ['the state is not saved', { state: { failure: 'ENOSPC' } }, ['the state is not saved: ENOSPC']],
    [
      'a broker is away',
      { connections: new Map([['hub', { up: false, detail: 'refused' }]]) },
      ['hub is not connected: refused'],
    ],
    ['a source has not begun', { connections: new Map() }, ['hub is not connected: it has not begun']],
  ])('when %s', (_, status, reasons) => {
    expect(isReady(of(status), ['hub'])).toEqual({ ok: reasons.length === 0, reasons })
  })
})
