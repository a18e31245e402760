import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { beforeEach, describe, expect, it } from 'vitest'
import { loadInventory } from '../../src/agents/load.js'
import { inventoryCommand } from '../../src/commands/inventory.js'
import { givenToken } from '../support/azure.js'
import { inTempFolder } from '../support/cli.js'
import { BLUEPRINT_APP, GRAPH_APP, idOf, serving, tenant } from '../support/directory.js'
import { inTurn, refusal } from '../support/ingestion.js'
import { type Answerer, selfMade, type WebhookReceiver, webhookReceivers } from '../support/receiver.js'
import { printedBy } from '../support/run-command.js'

inTempFolder()

const webhookReceiver = webhookReceivers()

async function graph(answer: Answerer = serving(tenant())): Promise<WebhookReceiver> {
  const server = await webhookReceiver('https')
  server.answer = answer
  return server
}

/** Runs `agentwarden inventory pull` against a server on this machine. */
async function pull(server: WebhookReceiver, ...args: string[]) {
  const world = {
    credential: givenToken(),
    ca: selfMade().cert,
    patience: { attempts: 3, first: 1, longest: 2_000 },
  }
  const endpoint = `https://127.0.0.1:${server.port}`
  const flags = ['pull', '--auth', 'azure-cli', '--endpoint', endpoint, '--out', 'agents.yaml', ...args]
  return printedBy((io) => inventoryCommand(io, () => {}, world), flags)
}

const file = () => readFileSync('agents.yaml', 'utf8')

const NEW = `agents:
  - id: aaaaaaaa-0000-4000-8000-000000000001
    name: agent 1
    owner: ada@contoso.com
    sponsor: grace@contoso.com
    entra:
      kind: agent-identity
      enabled: true
      created: 2026-05-04T08:00:00Z
      blueprint: bbbbbbbb-0000-4000-8000-000000000001
      owners:
        - Ops
        - ada@contoso.com
      sponsors:
        - grace@contoso.com
      tags:
        - finance
      credentials: []
      permissions:
        - { resource: Microsoft Graph, resource_id: 00000003-0000-0000-c000-000000000000, permission: Mail.Read, type: application }
        - { resource: Microsoft Graph, resource_id: 00000003-0000-0000-c000-000000000000, permission: Mail.Read, type: delegated }
        - { resource: Microsoft Graph, resource_id: 00000003-0000-0000-c000-000000000000, permission: User.Read.All, type: application }
        - { resource: Microsoft Graph, resource_id: 00000003-0000-0000-c000-000000000000, permission: offline_access, type: delegated }
`

describe('inventory pull', () => {
  beforeEach(() => writeFileSync('agents.yaml', ''))

  it('makes an inventory of agent identities and blueprints, page by page', async () => {
    const server = await graph()
    const { stderr } = await pull(server)
    expect(file().startsWith(NEW)).toBe(true)
    expect(stderr).toBe('4 agents in Entra: 4 added, 0 changed, 0 listed ones not found; agents.yaml\n')
    const { entries } = await loadInventory('agents.yaml')
    expect(entries.map(({ name, status, entra }) => [name, status, entra?.kind])).toEqual([
      ['agent 1', 'active', 'agent-identity'],
      ['agent 2', 'active', 'agent-identity'],
      ['agent 3', 'disabled', 'agent-identity'],
      ['blueprint', 'active', 'blueprint'],
    ])
    expect(entries[3]!.entra!.credentials).toEqual([
      { kind: 'federated', id: idOf(6, 'b'), name: 'actions https://token.example repo:contoso' },
      {
        kind: 'secret',
        id: idOf(7, 'b'),
        name: 'ci',
        from: '2026-01-01T00:00:00Z',
        until: '2028-01-01T00:00:00Z',
      },
    ])
    expect(server.got.every(({ headers }) => headers.authorization === 'Bearer a-token')).toBe(true)
  })

  it('changes nothing the second time', async () => {
    const server = await graph()
    await pull(server)
    const before = file()
    const { stdout } = await pull(server)
    expect(stdout).toBe('Nothing changes.\n')
    expect(file()).toBe(before)
  })

  it('also reads workloads when asked, but none of Microsoft', async () => {
    await pull(await graph(), '--include', 'workloads')
    const { entries } = await loadInventory('agents.yaml')
    expect(entries.map(({ name, entra }) => `${name}: ${entra?.kind}`)).toEqual([
      'agent 1: agent-identity',
      'agent 2: agent-identity',
      'agent 3: agent-identity',
      'blueprint: blueprint',
      'pipeline: service-principal',
      'vm: managed-identity',
    ])
  })

  it("keeps the owner's fields, comments and order, and fills in what is missing", async () => {
    writeFileSync(
      'agents.yaml',
      `# our agents
agents:
  # the pipeline, see CHG-7
  - id: ${idOf(1, 'c')}
    owner: "Team Build" # not Ada
    networks: [192.0.2.0/24]

  - { id: ${idOf(1).toUpperCase()}, tier: high, owner: finance@contoso.com, status: retired }
  - id: somebody # no GUID
  - id: ${idOf(7, 'f')}
`,
    )
    const { stdout, stderr } = await pull(await graph())
    const text = file()
    for (const kept of [
      '# our agents',
      '  # the pipeline, see CHG-7',
      'owner: "Team Build" # not Ada',
      'networks: [ 192.0.2.0/24 ]',
      '- id: somebody # no GUID',
    ])
      expect(text).toContain(kept)
    const { entries } = await loadInventory('agents.yaml')
    expect(entries.slice(0, 4)).toMatchObject([
      {
        id: idOf(1, 'c'),
        app_id: idOf(2, 'c'),
        name: 'pipeline',
        owner: 'Team Build',
        entra: { kind: 'service-principal' },
      },
      {
        tier: 'high',
        owner: 'finance@contoso.com',
        sponsor: 'grace@contoso.com',
        status: 'retired',
        name: 'agent 1',
      },
      { id: 'somebody' },
      { id: idOf(7, 'f') },
    ])
    expect(entries).toHaveLength(7)
    expect(stdout).toContain(`? ${idOf(7, 'f')}: no service principal in Entra; left as it is`)
    expect(stderr).toContain('3 added, 2 changed, 2 listed ones not found')
  })

  it('says with --dry-run what would change, and writes nothing', async () => {
    await pull(await graph())
    const before = file()
    const changed = tenant()
    changed.set(`/v1.0/servicePrincipals/${idOf(1)}/owners`, [])
    changed.set(`/v1.0/servicePrincipals/${idOf(2)}/oauth2PermissionGrants`, [
      { resourceId: idOf(1, 'e'), scope: 'Mail.Send' },
    ])
    const { stdout, stderr } = await pull(await graph(serving(changed)), '--dry-run')
    expect(stdout).toBe(`~ agent 1 (${idOf(1)})
    owners: - Ops
    owners: - ada@contoso.com
~ agent 2 (${idOf(2)})
    permissions: + Microsoft Graph Mail.Send (delegated)
`)
    expect(stderr).toContain('nothing written')
    expect(file()).toBe(before)
    const json = JSON.parse((await pull(await graph(serving(changed)), '--dry-run', '--json')).stdout)
    expect(json.map(({ what, id }: { what: string; id: string }) => [what, id])).toEqual([
      ['changed', idOf(1)],
      ['changed', idOf(2)],
    ])
  })

  it('leaves out an agent that is removed while it reads, but takes no other 404 for that', async () => {
    const changed = tenant()
    changed.delete(`/v1.0/servicePrincipals/${idOf(3)}/owners`)
    await expect(pull(await graph(serving(changed)))).rejects.toThrow('/owners: Microsoft Graph answered 404')
    changed.delete(`/v1.0/servicePrincipals/${idOf(3)}`)
    expect((await pull(await graph(serving(changed)))).stderr).toContain('3 agents in Entra: 3 added')
  })

  it('asks for each resource once', async () => {
    const server = await graph()
    await pull(server)
    expect(server.got.filter(({ path }) => path.includes(`/${idOf(1, 'e')}?`))).toHaveLength(1)
  })

  it('writes names that strangers chose as plain text', async () => {
    const hostile = '"]}\n- id: evil # *x &y \u001b[2J'
    const changed = tenant()
    const path = '/v1.0/servicePrincipals/microsoft.graph.agentIdentity'
    changed.set(path, [{ id: idOf(1), displayName: hostile, tags: ['&a', '*b', '!!c'] }])
    const { stdout } = await pull(await graph(serving(changed)))
    expect(stdout).not.toContain('\u001b')
    const [entry, ...others] = (await loadInventory('agents.yaml')).entries
    expect(others.map(({ name }) => name)).toEqual(['blueprint'])
    expect([entry!.name, entry!.entra!.tags]).toEqual([hostile, ['!!c', '&a', '*b']])
  })
})

describe('inventory pull that meets trouble', () => {
  beforeEach(() => writeFileSync('agents.yaml', '# mine\nagents: []\n'))

  it.each<[string, Answerer]>([
    ['429 with Retry-After', refusal(429, { 'retry-after': '1' })],
    ['503', refusal(503)],
    ['a reset', (response) => response.socket?.destroy()],
  ])('tries again after %s', async (_, trouble) => {
    await pull(await graph(inTurn(trouble, serving(tenant()))))
    expect((await loadInventory('agents.yaml')).size).toBe(4)
  })

  const linked =
    (link: string): Answerer =>
    (response) =>
      response.end(JSON.stringify({ value: [], '@odata.nextLink': link }))

  it.each<[string, Answerer, string]>([
    ['403', refusal(403, {}, 'Insufficient privileges'), 'Insufficient privileges'],
    ['500 for good', refusal(500), 'answered 500'],
    ['no JSON', (response) => response.end('<html>'), 'no JSON'],
    ['another form', (response) => response.end('{"values":[]}'), 'another form: value'],
    [
      'an agent without an id',
      (response) => response.end('{"value":[{"displayName":"x"}]}'),
      'another form: id',
    ],
    ['a redirect', refusal(302, { location: 'https://evil.example/' }), 'answered 302'],
    ['a link to another host', linked('https://evil.example/v1.0/servicePrincipals'), 'another host'],
    ['a link to another scheme', linked('http://127.0.0.1/v1.0'), 'another host'],
    ['a link that is none', linked('//'), 'another host'],
  ])('ends with %s, and leaves the file alone', async (_, answer, message) => {
    const server = await graph(answer)
    await expect(pull(server)).rejects.toThrow(message)
    expect(file()).toBe('# mine\nagents: []\n')
  })

  it('breaks off what it still asks about others, once one fails for good', async () => {
    const all = serving(tenant())
    let asked = () => {}
    let broken = () => {}
    const waiting = new Promise<void>((resolve) => (asked = resolve))
    const brokenOff = new Promise<void>((resolve) => (broken = resolve))
    const server = await graph((response, request) => {
      if (request.url!.includes(`${idOf(2)}/owners`)) {
        response.on('close', broken)
        asked()
      } else if (request.url!.includes(`${idOf(1)}/owners`))
        void waiting.then(() => refusal(403)(response, request))
      else all(response, request)
    })
    await expect(pull(server)).rejects.toThrow('answered 403')
    await brokenOff
  }, 20_000)

  it('ends when the pages lead in a circle', async () => {
    const server = await graph()
    server.answer = linked(`https://127.0.0.1:${server.port}/v1.0/again`)
    await expect(pull(server)).rejects.toThrow('the pages never end')
    expect(server.got).toHaveLength(2)
  })

  it('sends its token to nobody else', async () => {
    const other = await graph()
    const server = await graph(linked(`https://127.0.0.1:${other.port}/v1.0/servicePrincipals`))
    await expect(pull(server)).rejects.toThrow('another host')
    expect(other.got).toEqual([])
  })

  it('reads no wrong inventory, and makes no CSV', async () => {
    writeFileSync('agents.yaml', 'agents: [{ id: a, colour: red }]\n')
    const server = await graph()
    await expect(pull(server)).rejects.toThrow('agents.yaml:1:19')
    await expect(pull(server, '--out', 'agents.csv')).rejects.toThrow('name a YAML file')
    expect(server.got).toEqual([])
    expect(existsSync('agents.csv')).toBe(false)
  })
})

describe('what Entra says in an inventory', () => {
  it('names the application that a permission is on, and the blueprint', async () => {
    writeFileSync('agents.yaml', NEW)
    const [entry] = (await loadInventory('agents.yaml')).entries
    expect(entry!.entra!.permissions[0]!.resource_id).toBe(GRAPH_APP)
    expect(entry!.entra!.blueprint).toBe(BLUEPRINT_APP)
  })
})
