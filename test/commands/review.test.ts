import { writeFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { cli, inTempFolder } from '../support/cli.js'
import { AGENT, APP, GRAPH_APP, graphCall, servicePrincipalSignIn } from '../support/records.js'

inTempFolder()

const IDLE = '33333333-bbbb-4bbb-8bbb-222222222222'
const USED_KEY = '66666666-ffff-4fff-8fff-666666666666'
const GRAPH = { resource: 'Microsoft Graph', resource_id: GRAPH_APP }

const permission = (name: string, on: object = GRAPH) => ({ ...on, permission: name, type: 'application' })

const entra = {
  kind: 'service-principal',
  enabled: true,
  owners: [],
  sponsors: [],
  tags: [],
  credentials: [
    { kind: 'secret', id: USED_KEY, from: '2026-10-01T00:00:00Z', until: '2027-01-01T00:00:00Z' },
    { kind: 'secret', id: 'old', from: '2024-01-01T00:00:00Z', until: '2026-01-01T00:00:00Z' },
    {
      kind: 'certificate',
      id: 'spare',
      name: 'spare',
      from: '2026-01-01T00:00:00Z',
      until: '2036-01-01T00:00:00Z',
    },
    { kind: 'federated', id: 'fed' },
  ],
  permissions: [
    permission('User.Read.All'),
    permission('Mail.ReadWrite'),
    permission('Mail.Read'),
    permission('Files.Read.All'),
    permission('Bookings.Read.All'),
    permission('app.use', { resource: 'Payroll', resource_id: 'aaaaaaaa-0000-4000-8000-000000000001' }),
    permission('app.use', { resource: 'Wiki' }),
  ],
}

const INVENTORY = {
  agents: [
    {
      id: AGENT,
      app_id: APP,
      name: 'invoice-agent',
      owner: 'ada@contoso.com',
      sponsor: 'grace@contoso.com',
      entra,
    },
    {
      id: IDLE,
      name: 'idle \u001b[2J',
      entra: { ...entra, credentials: [], permissions: [permission('Mail.Send')] },
    },
    { id: 'gone', status: 'retired', owner: 'x', sponsor: 'y' },
  ],
}

const call = (path: string, properties: object = {}) =>
  graphCall({ requestUri: `https://graph.microsoft.com/v1.0${path}`, ...properties })

const LOG = [
  servicePrincipalSignIn({ resourceDisplayName: 'Payroll' }),
  servicePrincipalSignIn(
    { resourceDisplayName: 'Wiki', status: { errorCode: 50126 } },
    { resultType: '50126' },
  ),
  servicePrincipalSignIn({ createdDateTime: '2026-10-01T00:00:00Z', resourceDisplayName: 'Vault' }),
  call('/users/ada@contoso.com/messages'),
  call('/users/ada@contoso.com/drive/root/children', { responseStatusCode: 403 }),
  // On behalf of a user, which the table names in place of the agent.
  call('/users', { servicePrincipalId: null, userId: '99999999-0000-4000-8000-000000000001', appId: APP }),
]

const lines = (records: readonly object[]) => records.map((record) => `${JSON.stringify(record)}\n`).join('')

interface Reviewed {
  readonly name?: string
  readonly remarks: string[]
  readonly permissions: { permission: string; resource: string; verdict: string; last?: string }[]
  readonly credentials: { id: string; remarks: string[] }[]
  readonly ungranted: string[]
}

/** After all of the logs. */
const now = Date.UTC(2026, 10, 21)

/** The review of each agent, as JSON. */
async function reviewed(file: string, ...flags: string[]): Promise<Reviewed[]> {
  const { code, stdout, stderr } = await cli(
    ['review', file, '--agents', 'agents.yaml', '--json', ...flags],
    { now },
  )
  expect([code, stderr]).toEqual([0, ''])
  return JSON.parse(stdout).agents
}

const verdicts = ({ permissions }: Reviewed) =>
  permissions.map((one) => `${one.resource} ${one.permission}: ${one.verdict}`)

beforeAll(() => {
  writeFileSync('agents.yaml', stringify(INVENTORY))
  writeFileSync('logs.ndjson', lines(LOG))
  writeFileSync('sign-ins.ndjson', lines(LOG.slice(0, 3)))
  writeFileSync('calls.ndjson', lines(LOG.slice(3)))
})

describe('review', () => {
  it('says of each permission whether it was used, unused ones first', async () => {
    const [agent] = await reviewed('logs.ndjson')
    expect(verdicts(agent!)).toEqual([
      'Microsoft Graph Files.Read.All: unused',
      'Wiki app.use: unused',
      'Microsoft Graph Mail.ReadWrite: only read',
      'Microsoft Graph Bookings.Read.All: cannot be told',
      'Microsoft Graph User.Read.All: used',
      'Microsoft Graph Mail.Read: used',
      'Payroll app.use: used',
    ])
    expect(agent!.permissions.at(-1)!.last).toBe('2026-11-20T03:12:44.120Z')
    expect(agent!.ungranted).toEqual(['vault'])
  })

  it('tells nothing that the logs at hand do not show', async () => {
    const [agent] = await reviewed('sign-ins.ndjson')
    expect(
      new Set(
        verdicts(agent!)
          .slice(1, -1)
          .map((text) => text.replace(/.*: /, '')),
      ),
    ).toEqual(new Set(['cannot be told']))
    const calls = (await reviewed('calls.ndjson')).find(({ name }) => name === 'invoice-agent')!
    expect(verdicts(calls)).toContain('Payroll app.use: cannot be told')
    expect(calls.credentials.map(({ remarks }) => remarks.at(-1))).toEqual(Array(4).fill('cannot be told'))
  })

  it('remarks on credentials that are over, live long or were not used', async () => {
    const [agent] = await reviewed('logs.ndjson')
    expect(agent!.credentials.map(({ id, remarks }) => [id, ...remarks])).toEqual([
      [USED_KEY],
      ['old', 'expired', 'long-lived', 'unused'],
      ['spare', 'long-lived', 'unused'],
      ['fed', 'unused'],
    ])
    const [strict] = await reviewed('logs.ndjson', '--long-lived', '30d')
    expect(strict!.credentials[0]!.remarks).toEqual(['long-lived'])
  })

  it('remarks on agents that nobody answers for, or that were not seen', async () => {
    const agents = await reviewed('logs.ndjson')
    expect(agents.map(({ remarks }) => remarks)).toEqual([
      [],
      ['no owner', 'no sponsor', 'not seen in these logs'],
      [],
    ])
  })

  it('has seen an agent whose sign-ins all failed, though it used nothing', async () => {
    const failed = { servicePrincipalId: IDLE, status: { errorCode: 7000222 } }
    writeFileSync('failed.ndjson', lines([servicePrincipalSignIn(failed, { resultType: '7000222' })]))
    const idle = (await reviewed('failed.ndjson')).find(({ name }) => name?.startsWith('idle'))!
    expect(idle.remarks).toEqual(['no owner', 'no sponsor'])
    expect(verdicts(idle)).toEqual(['Microsoft Graph Mail.Send: unused'])
  })

  it('shows people what is to be done, and all of it with --all', async () => {
    const args = ['review', 'logs.ndjson', '--agents', 'agents.yaml']
    const { code, stdout } = await cli(args, { columns: 200, now })
    expect(code).toBe(0)
    expect(stdout).toContain('2026-10-01 to 2026-11-20, 51 days of logs, 3 agents')
    expect(stdout).toMatch(
      /invoice-agent .*Microsoft Graph Files\.Read\.All \(application\) .*unused .*never/,
    )
    expect(stdout).toMatch(/invoice-agent .*secret old, until 2026-01-01 .*expired/)
    expect(stdout).toContain('The permissions and credentials of 1 agents are not known')
    expect(stdout).not.toContain('User.Read.All')
    expect(stdout).not.toContain('\u001b')
    expect((await cli([...args, '--all'], { columns: 200, now })).stdout).toContain('User.Read.All')
  })

  it('says when there are too few logs to call anything unused, or none', async () => {
    writeFileSync('day.ndjson', lines([LOG[0]!]))
    writeFileSync('empty.ndjson', '')
    expect((await cli(['review', 'day.ndjson', '--agents', 'agents.yaml'], { now })).stdout).toContain(
      'less than 30 days say little',
    )
    expect((await cli(['review', 'empty.ndjson', '--agents', 'agents.yaml'])).stdout).toBe(
      'The logs have no rows.\n',
    )
  })

  it('tells of records that it cannot read', async () => {
    writeFileSync('bad.ndjson', `${lines([LOG[0]!, { ...LOG[1]!, properties: 7 }])}{"records":`)
    const { code, stderr } = await cli(['review', 'bad.ndjson', '--agents', 'agents.yaml'], { now })
    expect([code, stderr]).toEqual([0, 'warning: 2 records could not be read\n'])
  })

  it.each([
    [['logs.ndjson'], "required option '--agents <file>'"],
    [['missing.ndjson', '--agents', 'agents.yaml'], 'missing.ndjson'],
    [['logs.ndjson', '--agents', 'none.yaml'], 'lists no agents'],
    [['logs.ndjson', '--agents', 'agents.yaml', '--long-lived', 'ages'], 'reads like 90d'],
  ])('is used wrongly with %j', async (args, message) => {
    writeFileSync('none.yaml', 'agents: []\n')
    const { code, stderr } = await cli(['review', ...args])
    expect(code).toBe(2)
    expect(stderr).toContain(message)
  })
})
