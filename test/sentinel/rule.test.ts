import { describe, expect, it } from 'vitest'
import { SEVERITIES } from '../../src/alerts/alert.js'
import { loadDetections } from '../../src/detections/load.js'
import { ruleGuid, ruleOf } from '../../src/sentinel/rule.js'
import { DETECTION, RULE, STUB } from '../support/rules.js'

const detections = await loadDetections()

describe('the GUID of a rule', () => {
  it.each([
    ['sign-in-spike', '2d121c04-c957-5644-989b-2127d595221c'],
    ['unusual-resource', 'ca0180b8-60e4-56de-af18-09bb8e3409e2'],
  ])('of %s never changes', (id, guid) => {
    expect(ruleGuid(id)).toBe(guid)
  })

  it('is that of no other detection', () => {
    expect(new Set(detections.map(({ id }) => ruleGuid(id))).size).toBe(detections.length)
  })

  it('is a UUID of version 5', () => {
    expect(ruleGuid('x')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })
})

describe('a rule', () => {
  it('describes itself in ASCII and begins as published rules do', () => {
    expect(RULE.description).toBe(
      "Identifies when an agent does an odd thing.\n\nOdd things - they're seldom good.\n\n" +
        'False positives:\n- A cafe.\n\nBlind spots:\n- Even things.',
    )
  })

  it('cuts texts that are too long', () => {
    const rule = ruleOf({ ...DETECTION, title: 'x'.repeat(300), why: 'y'.repeat(6000) }, STUB)
    expect(rule.name).toHaveLength(256)
    expect(rule.description).toHaveLength(5000)
    expect(rule.alertDetails.alertDisplayNameFormat).toHaveLength(256)
    expect(rule.alertDetails.alertDisplayNameFormat).toMatch(/: \{\{AgentName\}\}$/)
  })

  it.each(SEVERITIES)('has the severity %s in Sentinel\u2019s spelling', (severity) => {
    expect(ruleOf({ ...DETECTION, severity }, STUB).severity.toLowerCase()).toBe(severity)
  })

  it('tells custom details apart whose names are cut to the same', () => {
    expect(RULE.customDetails).toMatchObject({
      ServicePrincipalCred: 'ServicePrincipalCredentialKeyId',
      ServicePrincipalCr2: 'ServicePrincipalCredentialThumbprint',
    })
  })

  it('maps no address where the query yields none', () => {
    const columns = new Map([...STUB.columns].filter(([name]) => name !== 'IPAddress'))
    const types = ruleOf(DETECTION, { ...STUB, columns }).entityMappings.map(({ entityType }) => entityType)
    expect(types).toEqual(['Account', 'CloudApplication'])
  })

  it('maps the resource whose managed identity signed in where the query yields it', () => {
    const columns = new Map([...STUB.columns, ['AzureResourceId', 'string'] as const])
    const fieldMappings = [{ identifier: 'ResourceId', columnName: 'AzureResourceId' }]
    expect(ruleOf(DETECTION, { ...STUB, columns }).entityMappings).toContainEqual({
      entityType: 'AzureResource',
      fieldMappings,
    })
  })

  it('takes its severity from the query only if the query yields one', () => {
    const columns = new Map([...STUB.columns, ['Severity', 'string'] as const])
    expect(ruleOf(DETECTION, { ...STUB, columns }).alertDetails).toHaveProperty(
      'alertSeverityColumnName',
      'Severity',
    )
    expect(RULE.alertDetails).not.toHaveProperty('alertSeverityColumnName')
  })

  it('gathers alerts of an agent for a day if it looks far back, for five hours otherwise', () => {
    expect(RULE.incidentLookback).toBe(24 * 60)
    expect(ruleOf(DETECTION, { ...STUB, frequency: 15, period: 1440 }).incidentLookback).toBe(5 * 60)
  })
})
