import { writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { cli, inTempFolder } from '../support/cli.js'
import { graphCall } from '../support/records.js'

inTempFolder()

writeFileSync('log.ndjson', JSON.stringify(graphCall({ timeGenerated: '2026-10-20T03:12:44Z' })))
writeFileSync(
  'rows.ndjson',
  '{"TimeGenerated":"2026-10-20T01:00:00.000Z","Id":"1","Result":"a,\\"b\\"\\u001b[31m","TargetResources":[{"id":"x"}],"Type":"AuditLogs"}\n',
)
writeFileSync('agents.yaml', 'agents:\n  - id: a\n    networks: [10.0.0.0/8, 10.1.0.0/16]\n')

/** Runs a query over the files. */
async function run(text: string, ...flags: string[]) {
  writeFileSync('query.kql', text)
  return await cli(['kql', 'run', 'query.kql', '--data', 'log.ndjson', 'rows.ndjson', ...flags])
}

describe('kql run', () => {
  it('runs a query over logs as a table', async () => {
    const { code, stdout, stderr } = await run('MicrosoftGraphActivityLogs | summarize n = count() by Type')
    expect(stdout).toContain('│ Type                       │ n │')
    expect(stdout).toContain('│ MicrosoftGraphActivityLogs │ 1 │')
    expect([code, stderr]).toEqual([0, ''])
  })

  it('reads rows that were written before, and prints NDJSON', async () => {
    const { stdout } = await run(
      'AuditLogs | project Id, t = TargetResources[0].id, TimeGenerated',
      '--format',
      'ndjson',
    )
    expect(stdout).toBe('{"Id":"1","t":"x","TimeGenerated":"2026-10-20T01:00:00.0000000Z"}\n')
  })

  it('quotes CSV', async () => {
    const { stdout } = await run('AuditLogs | project Id, Result', '--format', 'csv')
    expect(stdout).toBe('Id,Result\r\n1,"a,""b""\u001b[31m"\r\n')
  })

  it('lets no text of the logs steer the terminal', async () => {
    const { stdout } = await run('AuditLogs | project Result')
    expect(stdout).not.toContain('\u001b')
  })

  it('takes the present from --now', async () => {
    const text = 'AuditLogs | where TimeGenerated > ago(1h) | count'
    expect((await run(text, '--now', '2026-10-20T01:30Z', '--format', 'ndjson')).stdout).toBe('{"Count":1}\n')
    expect((await run(text, '--now', '2026-10-20T03:00Z', '--format', 'ndjson')).stdout).toBe('{"Count":0}\n')
  })

  it('gives the inventory as the watchlist', async () => {
    const text = "_GetWatchlist('any') | project id, networks"
    const { stdout } = await run(text, '--agents', 'agents.yaml', '--format', 'ndjson')
    expect(stdout).toBe('{"id":"a","networks":"10.0.0.0/8;10.1.0.0/16"}\n')
  })

  it.each([
    ['AuditLogs\n| where Nope == 1', 'query.kql:2:9 The name'],
    ['AuditLogs | where', 'query.kql:1:18 '],
    ['AuditLogs | sample 1', 'query.kql:1:13 The operator sample is not supported'],
    ['AADRiskyAgents | count', 'query.kql:1:1 The data have no table AADRiskyAgents'],
  ])('says where %j is wrong', async (text, message) => {
    const { code, stdout, stderr } = await run(text)
    expect(stderr).toContain(message)
    expect([code, stdout]).toEqual([2, ''])
  })

  it('says it of a rule by the lines of its YAML', async () => {
    writeFileSync('rule.yaml', 'name: a rule\nquery: |\n  AuditLogs\n  | where Nope == 1\n')
    const { code, stderr } = await cli(['kql', 'run', 'rule.yaml', '--data', 'rows.ndjson'])
    expect(stderr).toContain('rule.yaml:4:11 The name')
    expect(code).toBe(2)
  })

  it('runs the query of a rule', async () => {
    writeFileSync('rule.yaml', 'query: |\n  AuditLogs\n  | count\n')
    const { stdout } = await cli(['kql', 'run', 'rule.yaml', '--data', 'rows.ndjson', '--format', 'ndjson'])
    expect(stdout).toBe('{"Count":1}\n')
  })

  it('refuses YAML without a query', async () => {
    const { code, stderr } = await cli(['kql', 'run', 'agents.yaml', '--data', 'rows.ndjson'])
    expect([code, stderr]).toEqual([2, 'agents.yaml:1:1 has no text under query\n'])
  })

  it('teaches by example', async () => {
    const { code, stdout } = await cli(['kql', 'run', '--help'])
    for (const option of ['--data', '--now', '--format', '--agents']) expect(stdout).toContain(`  ${option}`)
    expect(stdout).toContain('agentwarden kql run hunt.kql --data samples')
    expect(code).toBe(0)
  })
})
