/** Something that can be done about an agent, as one call of Microsoft Graph that may be repeated. */
export interface Action {
  readonly method: 'POST' | 'PATCH'
  /** @param id object id of the agent: a GUID */
  readonly path: (id: string) => string
  readonly body: (id: string) => unknown
  /** The application permission that suffices. */
  readonly permission: string
}

const disabled = () => ({ accountEnabled: false })

/** What can be done, by the name that the configuration gives it. */
export const ACTIONS = {
  'confirm-workload-identity': {
    method: 'POST',
    path: () => '/v1.0/identityProtection/riskyServicePrincipals/confirmCompromised',
    body: (id) => ({ servicePrincipalIds: [id] }),
    permission: 'IdentityRiskyServicePrincipal.ReadWrite.All',
  },
  'confirm-agent': {
    method: 'POST',
    path: () => '/beta/identityProtection/riskyAgents/confirmCompromised',
    body: (id) => ({ agentIds: [id] }),
    permission: 'IdentityRiskyAgent.ReadWrite.All',
  },
  'disable-agent-identity': {
    method: 'PATCH',
    path: (id) => `/v1.0/servicePrincipals/${id}/microsoft.graph.agentIdentity`,
    body: disabled,
    permission: 'AgentIdentity.EnableDisable.All',
  },
  'disable-service-principal': {
    method: 'PATCH',
    path: (id) => `/v1.0/servicePrincipals/${id}`,
    body: disabled,
    permission: 'Application.ReadWrite.All',
  },
} as const satisfies Record<string, Action>

export type ActionName = keyof typeof ACTIONS

/** Names of all actions. */
export const ACTION_NAMES = Object.keys(ACTIONS) as ActionName[]

/** The action of a name. */
export function actionOf(name: ActionName): Action {
  return ACTIONS[name]
}
