import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Connect } from '../../src/commands/workspace.js'
import type { ParityResult } from '../../src/parity/parity.js'
import { azureRoleAssigned } from '../../src/simulate/records/index.js'
import { connect, fill } from '../backfill/support.js'
import { cli, inTempFolder, type Outcome } from '../support/cli.js'
import {
  type Asked,
  type LogAnalytics,
  logAnalyticsServers,
  refusal,
  text,
  WORKSPACE,
} from '../support/log-analytics.js'
import { type SimulatedRecord, simulatedRecords } from '../support/simulated.js'

inTempFolder()
const newServer = logAnalyticsServers()
let server: LogAnalytics

/** One of each kind, and one that judges rows as they come in. */
const COMPARED = [
  'credential-added',
  'credential-added-then-used-elsewhere',
  'unusual-resource',
  'agent-active-off-hours',
  'data-volume-spike',
  'rare-resource-volume',
  'new-graph-operation',
  'azure-owner-role-assigned',
]

const OWNER = '8e3af657-a8ff-443c-a75c-2fe8c4bcb635'
/** Azure's activity log keeps what its records hold in columns that hold one another. */
const time = Date.UTC(2026, 9, 21, 10, 5)
const roleAssigned: SimulatedRecord = {
  category: 'Administrative',
  arrival: time,
  time,
  text: JSON.stringify(azureRoleAssigned('0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d', OWNER, { time })),
}

let first: Outcome
let results: ParityResult[]
let asked: readonly Asked[]

beforeAll(async () => {
  server = await newServer()
  await fill(server, [...simulatedRecords(), roleAssigned])
  first = await parity('--json')
  results = JSON.parse(first.stdout) as ParityResult[]
  asked = server.asked
})

beforeEach(() => {
  Object.assign(server, { asked: [], mostRows: 500_000, fault: () => undefined })
})

const toServer: Connect = () => connect(server)

function parity(...args: string[]) {
  const flags = [
    '--workspace',
    WORKSPACE,
    '--hours',
    '48',
    '--until',
    '2026-10-22T00:00Z',
    '--only',
    COMPARED.join(),
  ]
  return cli(['parity', ...flags, ...args], { connect: toServer })
}

describe('agentwarden parity --workspace', () => {
  it('finds that the rules in a workspace raise what the streaming engine raises on its rows', () => {
    expect(first).toMatchObject({ code: 0, stderr: expect.stringContaining("named 'SigninLogs'") })
    expect(results.map(({ detection }) => detection).sort()).toEqual([...COMPARED].sort())
    expect(results.filter(({ both }) => both > 0).length).toBeGreaterThan(2)
    expect(results.find(({ detection }) => detection === 'azure-owner-role-assigned')?.both).toBe(1)
  })

  it('runs a rule once for each hour, and a rule of rows as they come in once', () => {
    const runs = new Map(results.map(({ detection, runs }) => [detection, runs]))
    expect([runs.get('unusual-resource'), runs.get('credential-added')]).toEqual([48, 1])
  })

  it('pulls the rows of agents only, with the columns that some rule names', () => {
    const pulled = asked.filter(({ query }) => query.startsWith('// rows of MicrosoftGraphActivityLogs'))
    expect(pulled.length).toBeGreaterThan(13)
    expect(pulled[0]!.query).toContain('isnotempty(ServicePrincipalId)')
    expect(pulled[0]!.query).not.toContain('OperationId')
  })

  it('tells a difference: rows that were not to be pulled', async () => {
    const none = '{"tables":[{"name":"PrimaryResult","columns":[{"name":"Id","type":"string"}],"rows":[]}]}'
    server.fault = ({ query }) => (query.startsWith('// rows of') ? text(none) : undefined)
    const { code, stdout } = await parity()
    expect(code).toBe(1)
    expect(stdout).toContain('KQL only:')
  })

  it('asks for smaller parts of what is too much', async () => {
    server.mostRows = 60
    const { code, stdout } = await parity()
    expect(code).toBe(0)
    expect(stdout).toMatch(/Parity: 100.00 % of \d+ alert keys/)
    expect(server.asked.length).toBeGreaterThan(asked.length)
  })

  it('fails when the workspace refuses a rule', async () => {
    server.fault = ({ query }) =>
      query.includes('EvaluationTime') ? refusal(403, 'InsufficientAccessError', 'role removed') : undefined
    expect(await parity()).toMatchObject({ code: 1, stderr: expect.stringContaining('role removed') })
  })
})

describe('wrong usage', () => {
  it.each<[string, string[], string]>([
    ['neither files nor a workspace', ['parity'], 'name the files to compare on, or a --workspace'],
    ['both', ['parity', 'logs', '--workspace', WORKSPACE], 'name files or a --workspace, not both'],
    ['too many hours', ['parity', '--workspace', WORKSPACE, '--hours', '200'], 'must be from 1 to 168'],
  ])('%s', async (_what, args, message) => {
    expect(await cli(args)).toMatchObject({ code: 2, stderr: expect.stringContaining(message) })
  })
})
