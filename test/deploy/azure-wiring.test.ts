import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { loadConfig } from '../../src/config/load.js'
import { ROLES } from '../../src/deployment/resources/common.js'
import { PLACEHOLDERS } from '../../src/deployment/resources/container-app.js'
import { CATEGORIES } from '../../src/deployment/resources/entra.js'
import { WATCHLIST } from '../../src/deployment/resources/sentinel.js'
import { WATCHLIST_COLUMNS } from '../../src/kql/language.js'
import { packagePath } from '../../src/package-root.js'
import { tables } from '../../src/tables/index.js'
import { sourcesOf } from '../../src/views/index.js'
import { callsIn, expressionsIn, readExpression } from '../support/arm-expression.js'
import { allTemplates, armTemplates, type Json, resourcesOf } from '../support/azure-templates.js'
import { inTempFolder } from '../support/cli.js'
import { lastOf, readDockerfile } from '../support/dockerfile.js'

inTempFolder()

const read = (...path: string[]) => readFileSync(packagePath(...path), 'utf8')
const one = (type: string): Json => {
  const found = resourcesOf(type)
  expect(found).toHaveLength(1)
  return found[0]
}

describe("Entra's diagnostic setting", () => {
  const setting = one('microsoft.aadiam/diagnosticSettings')

  it('sends the categories of the tables of Entra that a view reads, and no other', () => {
    const sent = setting.properties.logs.map(({ category }: Json) => category.toLowerCase())
    const read = tables.filter((table) => sourcesOf(table).length > 0)
    const wanted = read
      .filter(({ connector }) => connector === 'AzureActiveDirectory')
      .map(({ category }) => category)
    expect(sent.sort()).toEqual(wanted.sort())
    expect(sent).toHaveLength(CATEGORIES.length)
  })

  it('names one hub, as every category would get one of its own otherwise', () => {
    expect(setting.properties.eventHubName).toContain("parameters('eventHubName')")
    const outputs = Object.keys(armTemplates.get('main')!.outputs)
    expect(Object.keys(armTemplates.get('entra')!.parameters)).toEqual(expect.arrayContaining(outputs))
  })

  it('belongs to the tenant, though it is deployed from a subscription', () => {
    expect(setting.scope).toBe('/')
    expect(armTemplates.get('entra')!.$schema).toContain('subscriptionDeploymentTemplate')
  })
})

describe('roles', () => {
  const assignments = resourcesOf('Microsoft.Authorization/roleAssignments')
  const guidOf = (assignment: Json) =>
    callsIn(readExpression(assignment.properties.roleDefinitionId))[0]!.args.at(-1) as string
  const scopeOf = (assignment: Json) =>
    callsIn(readExpression(assignment.scope))[0]!.args.find((arg) => String(arg).includes('/'))

  // Names and ids as they stand in Azure's list of built-in roles.
  it.each([
    [
      'Azure Event Hubs Data Receiver',
      'a638d3c7-ab3a-418d-83e6-5f17a39d4fde',
      'Microsoft.EventHub/namespaces/eventhubs',
    ],
    [
      'Monitoring Metrics Publisher',
      '3913510d-42f4-4e42-8a64-420c390055eb',
      'Microsoft.Insights/dataCollectionRules',
    ],
    ['AcrPull', '7f951dda-4ed3-4680-a7ca-43fe172d538d', 'Microsoft.ContainerRegistry/registries'],
  ] as const)('%s is given on one resource, not on its group', (role, guid, scope) => {
    expect(ROLES[role]).toBe(guid)
    const given = assignments.filter((assignment) => guidOf(assignment) === guid)
    expect(given.map(scopeOf)).toEqual([scope])
  })

  it('are those three, and the guide names each', () => {
    expect(assignments.map(guidOf).sort()).toEqual(Object.values(ROLES).sort())
    const guide = read('docs', 'azure.md')
    for (const role of Object.keys(ROLES)) expect(guide).toContain(role)
  })
})

describe('the event hub', () => {
  it('takes TLS 1.2 and later only, and keeps messages for days', () => {
    expect(one('Microsoft.EventHub/namespaces').properties.minimumTlsVersion).toBe('1.2')
    const { retentionDays } = armTemplates.get('main')!.parameters
    expect(retentionDays).toMatchObject({ defaultValue: 7, minValue: 1, maxValue: 7 })
  })

  it('has a consumer group for agentwarden alone', () => {
    expect(armTemplates.get('main')!.parameters.consumerGroup.defaultValue).toBe('agentwarden')
    expect(one('Microsoft.EventHub/namespaces/eventhubs/consumergroups').name).toContain('consumerGroup')
  })
})

const tableFiles = readdirSync(packagePath('deploy', 'tables')).map((name) =>
  JSON.parse(read('deploy', 'tables', name)),
)

describe('tables for alerts', () => {
  const rule = one('Microsoft.Insights/dataCollectionRules').properties
  const made = resourcesOf('Microsoft.OperationalInsights/workspaces/tables')

  it('are those of deploy/tables, column by column', () => {
    expect(made.map(({ properties }) => properties.schema)).toEqual(
      tableFiles.map(({ name, description, columns }) => ({ name, description, columns })),
    )
  })

  it('each have a stream with the same columns, which leads to them', () => {
    const columns = (file: Json) => file.columns.map(({ name, type }: Json) => ({ name, type }))
    expect(rule.streamDeclarations).toEqual(
      Object.fromEntries(tableFiles.map((file) => [file.stream, { columns: columns(file) }])),
    )
    expect(rule.dataFlows.map(({ streams, outputStream }: Json) => [streams[0], outputStream])).toEqual(
      tableFiles.map(({ stream, name }) => [stream, `Custom-${name}`]),
    )
  })

  it('begin with the time that Log Analytics asks of every table', () => {
    for (const { columns } of tableFiles)
      expect(columns[0]).toMatchObject({ name: 'TimeGenerated', type: 'datetime' })
  })
})

const configuration = read('deploy', 'azure', 'agentwarden.yaml')

/** The configuration as the template fills it. */
function filledWith(values: Readonly<Record<string, string>>): string {
  return Object.entries(PLACEHOLDERS).reduce(
    (text, [placeholder, name]) => text.replaceAll(placeholder, values[name]!),
    configuration,
  )
}

const FILLED = filledWith({
  namespaceHost: 'agentwarden-abc.servicebus.windows.net',
  eventHubName: 'entra-logs',
  consumerGroup: 'agentwarden',
  clientId: '5d1f7a3e-9b1c-4c55-8a0d-0f1f8f2f6a11',
  endpoint: 'https://agentwarden-x1y2.westeurope-1.ingest.monitor.azure.com',
  ruleId: 'dcr-0123456789abcdef0123456789abcdef',
})

describe('the container app', () => {
  const app = one('Microsoft.App/containerApps').properties
  const [container] = app.template.containers
  const image = readDockerfile(read('deploy', 'Dockerfile')).at(-1)!
  const [PORT] = lastOf(image, 'EXPOSE')
  const [VOLUME] = lastOf(image, 'VOLUME')
  const CONFIG = lastOf(image, 'CMD')[2]!
  const stateful = parseAllDocuments(read('deploy', 'kubernetes.yaml'))
    .map((document) => document.toJS())
    .find(({ kind }: Json) => kind === 'StatefulSet').spec.template.spec.containers[0]

  it('is one replica, since the state has one owner', () => {
    expect(app.template.scale).toEqual({ minReplicas: 1, maxReplicas: 1 })
    expect(app.configuration.activeRevisionsMode).toBe('Multiple')
  })

  it('is probed on the pages of kubernetes.yaml', () => {
    const paths = container.probes.map(({ type, httpGet }: Json) => [type, httpGet.path, httpGet.port])
    expect(paths).toEqual([
      ['Startup', stateful.startupProbe.httpGet.path, Number(PORT)],
      ['Liveness', stateful.livenessProbe.httpGet.path, Number(PORT)],
      ['Readiness', stateful.readinessProbe.httpGet.path, Number(PORT)],
    ])
  })

  it('mounts what the image reads and writes', () => {
    const mounts = container.volumeMounts.map(({ mountPath }: Json) => mountPath)
    expect(mounts).toEqual([VOLUME, CONFIG.slice(0, CONFIG.lastIndexOf('/'))])
    const [{ storageType }, { secrets }] = app.template.volumes
    expect(storageType).toBe('NfsAzureFile')
    expect(secrets.map(({ path }: Json) => path)).toEqual(['agentwarden.yaml', 'agents.yaml'])
    const names = app.configuration.secrets.map(({ name }: Json) => name)
    expect(secrets.map(({ secretRef }: Json) => secretRef)).toEqual(names)
  })

  it('gives the state to the user of the image', () => {
    const [user] = lastOf(image, 'USER')
    expect(app.template.initContainers[0].args[0]).toContain(`chown ${user} ${VOLUME}`)
  })

  it('leaves the heap a quarter less than the memory', () => {
    const { memory, heapMegabytes } = armTemplates.get('main')!.parameters
    expect(heapMegabytes.defaultValue).toBe((Number.parseFloat(memory.defaultValue) * 1024 * 3) / 4)
  })

  it('replaces each placeholder of the configuration', () => {
    const calls = callsIn(readExpression(app.configuration.secrets[0].value))
    const replaced = calls.filter(({ name }) => name === 'replace').map(({ args }) => args[1])
    expect(replaced.sort()).toEqual(Object.keys(PLACEHOLDERS).sort())
    for (const placeholder of Object.keys(PLACEHOLDERS)) expect(configuration).toContain(placeholder)
  })

  it('mounts its state without a key', () => {
    const { properties } = one('Microsoft.Storage/storageAccounts')
    expect(properties).toMatchObject({ allowSharedKeyAccess: false, minimumTlsVersion: 'TLS1_2' })
    expect(properties.networkAcls.defaultAction).toBe('Deny')
  })
})

describe('the configuration in Azure', () => {
  const settings = parse(FILLED)

  // The sink is a file of its own; without it the rest of the configuration is still held to be right.
  const known = existsSync(packagePath('src', 'sinks', 'log-analytics.ts'))
  it.skipIf(!known)('is right as a whole once its placeholders are filled', async () => {
    writeFileSync('agentwarden.yaml', FILLED)
    const config = await loadConfig('agentwarden.yaml')
    expect(config.sinks.map(({ kind }) => kind.kind)).toEqual(['log-analytics'])
  })

  it('is right in all but the sink', async () => {
    writeFileSync('agentwarden.yaml', JSON.stringify({ ...settings, sinks: [{ kind: 'stdout' }] }))
    const config = await loadConfig('agentwarden.yaml')
    expect(config.sources.map(({ kind }) => kind.kind)).toEqual(['event-hubs'])
    expect([config.server.host, config.server.port]).toEqual(['0.0.0.0', 9464])
  })

  it('reads what the app mounts', () => {
    const mounted = packagePath('deploy', 'azure', 'agentwarden.yaml')
    expect(parse(readFileSync(mounted, 'utf8'))).toMatchObject({
      inventory: '/etc/agentwarden/agents.yaml',
      state: { directory: '/var/lib/agentwarden/state' },
    })
  })
})

describe("the inventory's watchlist", () => {
  const rules = readdirSync(packagePath('kql', 'rules')).map(
    (name) => [name, read('kql', 'rules', name)] as const,
  )

  it('has the name by which rules ask for it, and is searched by a column of it', () => {
    const asked = rules.flatMap(([, text]) =>
      Array.from(text.matchAll(/_GetWatchlist\("([^"]+)"\)/g), ([, alias]) => alias),
    )
    expect([...new Set(asked)]).toEqual([
      one('Microsoft.SecurityInsights/watchlists').properties.watchlistAlias,
    ])
    expect(WATCHLIST_COLUMNS).toContain(WATCHLIST.itemsSearchKey)
  })

  it('is needed by rules that the guide names', () => {
    const needing = rules.filter(([, text]) => text.includes('_GetWatchlist')).map(([name]) => name)
    const guide = read('docs', 'azure.md')
    expect(needing.length).toBeGreaterThan(0)
    for (const name of needing) expect(guide).toContain(`\`${name.replace('.yaml', '')}\``)
  })
})

describe('ids', () => {
  it('of built-in roles are the only ones written down', () => {
    const guids = allTemplates.flatMap(([, template]) =>
      expressionsIn(template).flatMap(
        (text) => text.match(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g) ?? [],
      ),
    )
    expect(guids.filter((guid) => !Object.values(ROLES).includes(guid as never))).toEqual([])
  })
})
