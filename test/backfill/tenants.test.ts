import { expect, it } from 'vitest'
import { loadDetections, PACK } from '../../src/detections/load.js'
import { securityAlert } from '../../src/simulate/records/index.js'
import { sourceOfRecords } from '../parity/wire.js'
import { detection } from '../support/detections.js'
import { AGENT, servicePrincipalSignIn, TENANT } from '../support/records.js'
import { hourAt, signIn } from '../support/rows.js'
import { evaluated, knowable, memoryOf, replayed } from './support.js'

const TO = Date.UTC(2026, 10, 21)
const PERIOD = { from: TO - 24 * 3_600_000, to: TO }
const NOW = TO + 3_600_000
const OTHER = '99999999-aaaa-4aaa-8aaa-999999999999'

const detections = (await loadDetections(PACK)).filter(({ id }) => id === 'risk-then-new-resource')

/** Entra found an agent at risk: no column of the table says whose tenant it is. */
const atRisk = {
  time: '2026-11-20T04:00:00Z',
  category: 'ServicePrincipalRiskEvents',
  tenantId: TENANT,
  properties: {
    id: 'risk-1',
    servicePrincipalId: AGENT,
    activityDateTime: '2026-11-20T03:30:00Z',
    lastUpdatedDateTime: '2026-11-20T03:40:00Z',
    riskLevel: 'high',
    riskState: 'atRisk',
  },
}

async function compared(records: readonly object[]) {
  const source = sourceOfRecords(records)
  const setting = { detections, period: PERIOD, population: 'workloads', inventory: undefined } as const
  const backfill = await evaluated(source, setting, NOW)
  const replay = await replayed(source, detections, { now: NOW })
  const [made, wanted] = [backfill.stream, replay.stream].map(({ scorer }) => knowable(memoryOf(scorer), TO))
  return { made, wanted, counters: backfill.counters }
}

it('risks count for the only tenant of a workspace', async () => {
  const { made, wanted, counters } = await compared([servicePrincipalSignIn(), atRisk])
  expect(made).toEqual(wanted)
  expect(JSON.stringify(wanted)).toContain(String(Date.parse('2026-11-20T03:30:00Z')))
  expect(counters.withoutTenant).toBe(0)
})

it('risks in a workspace of several tenants are left out, and counted', async () => {
  const other = servicePrincipalSignIn({ id: 'other', servicePrincipalId: OTHER }, { tenantId: OTHER })
  const { made, counters } = await compared([servicePrincipalSignIn(), other, atRisk])
  expect(Object.keys(made!).length).toBe(2)
  expect(counters.withoutTenant).toBeGreaterThan(0)
})

/** What a rule in the workspace raised is of the agent's risk, as if the stream had raised it itself. */
const raised = securityAlert({
  tenantId: TENANT,
  time: Date.parse('2026-11-20T05:00:00Z'),
  severity: 'High',
  details: { Detection: 'sign-in', AgentId: AGENT, TenantId: TENANT, Hour: '2026-11-20T03:00:00Z' },
})

it('alerts of the rules in a workspace count into the risk, once', async () => {
  const signIns = detection({ id: 'sign-in', view: 'SignIns', kind: 'match', severity: 'high' })
  const source = sourceOfRecords([servicePrincipalSignIn(), raised])
  const setting = {
    detections: [signIns],
    period: PERIOD,
    population: 'workloads',
    inventory: undefined,
  } as const
  const { stream } = await evaluated(source, setting, NOW)
  const { scorer } = stream
  const riskOf = () => scorer.risks.of(scorer.find(TENANT, AGENT)!, scorer.newest)
  const before = riskOf()
  expect(before.score).toBe(50)
  scorer.score(signIn({ hour: hourAt('2026-11-20T03'), tenant: TENANT, agent: AGENT }))
  expect(scorer.counters.backfilled).toBe(1)
  expect(scorer.book.size).toBe(1)
  expect(riskOf()).toEqual(before)
})
