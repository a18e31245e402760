import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { packagePath } from '../../src/package-root.js'
import { ACTIONS } from '../../src/response/actions.js'

interface Step {
  readonly type: string
  readonly runAfter: Record<string, string[]>
  readonly inputs?: Record<string, unknown> & { authentication?: unknown }
  readonly actions?: Steps
  readonly else?: { readonly actions: Steps }
}
type Steps = Record<string, Step>

const text = readFileSync(packagePath('deploy', 'playbooks', 'disable-service-principal.json'), 'utf8')
const template = JSON.parse(text)
const [connection, workflow] = template.resources
const { definition, parameters } = workflow.properties

/** All groups of steps that follow each other, the inner ones too. */
function groupsOf(steps: Steps): Steps[] {
  const inner = Object.values(steps).flatMap((step) => [step.actions ?? {}, step.else?.actions ?? {}])
  return [steps, ...inner.filter((one) => Object.keys(one).length > 0).flatMap(groupsOf)]
}

const groups = groupsOf(definition.actions)
const steps = new Map(groups.flatMap((group) => Object.entries(group)))

describe('the playbook', () => {
  it('is a Logic App that an incident starts, as its managed identity', () => {
    expect([connection.type, workflow.type]).toEqual([
      'Microsoft.Web/connections',
      'Microsoft.Logic/workflows',
    ])
    expect(workflow.identity).toEqual({ type: 'SystemAssigned' })
    expect(Object.values(definition.triggers)).toMatchObject([
      { type: 'ApiConnectionWebhook', inputs: { path: '/incident-creation' } },
    ])
    expect(parameters.$connections.value.azuresentinel.connectionProperties).toEqual({
      authentication: { type: 'ManagedServiceIdentity' },
    })
  })

  it('holds no secret, and calls nobody but Microsoft Graph, as itself', () => {
    expect(text).not.toMatch(/securestring|password|secret|sig=|SharedAccess|Bearer/i)
    const calls = [...steps.values()].filter(({ type }) => type === 'Http')
    expect(calls).toHaveLength(1)
    expect(calls[0]!.inputs).toMatchObject({
      uri: expect.stringMatching(/^https:\/\/graph\.microsoft\.com\/v1\.0\/servicePrincipals\/@\{/),
      authentication: { type: 'ManagedServiceIdentity', audience: 'https://graph.microsoft.com' },
    })
  })

  it('does what the sink does: the same method, body and paths', () => {
    const { method, body } = steps.get('Disable')!.inputs!
    for (const action of [ACTIONS['disable-agent-identity'], ACTIONS['disable-service-principal']])
      expect({ method, body }).toEqual({ method: action.method, body: action.body() })
    expect(parameters.cast.value).toContain(ACTIONS['disable-agent-identity'].path('').split('//')[1])
    for (const action of ['disable-agent-identity', 'disable-service-principal'] as const)
      expect(template.metadata.prerequisites).toContain(ACTIONS[action].permission)
  })

  it('acts only within the list and when told to, never by default', () => {
    expect(template.parameters.act).toMatchObject({ type: 'bool', defaultValue: false })
    expect(template.parameters.agents).not.toHaveProperty('defaultValue')
    const inList = steps.get('Is_it_in_the_list')!
    expect(Object.keys(inList.actions!)).toEqual(['Shall_it_act'])
    expect(Object.keys(steps.get('Shall_it_act')!.actions!)).toContain('Disable')
    expect(JSON.stringify(inList)).toContain("parameters('agents')")
    expect(groups.filter((group) => 'Disable' in group)).toHaveLength(1)
  })

  it('has every parameter described and used', () => {
    for (const [name, said] of Object.entries<{ metadata?: { description?: string } }>(template.parameters)) {
      expect(said.metadata?.description, name).toMatch(/\.$/)
      expect(text.split(`parameters('${name}')`).length, name).toBeGreaterThan(1)
    }
    expect(Object.keys(definition.parameters).sort()).toEqual(Object.keys(parameters).sort())
  })

  it('names in runAfter only steps beside the step', () => {
    for (const group of groups)
      for (const [name, { runAfter }] of Object.entries(group))
        expect(
          Object.keys(runAfter).filter((before) => !(before in group)),
          name,
        ).toEqual([])
  })
})
