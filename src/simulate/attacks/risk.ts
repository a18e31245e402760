import { addressIn, foreignNetworks } from '../catalog/networks.js'
import { servicePrincipalAtRisk, subjectOf, writeFinding } from '../risks.js'
import { MINUTE } from '../time.js'
import type { Attack } from './attack.js'
import { lasting } from './timing.js'
import { isServicePrincipal } from './victims.js'

/** What others do with an agent where the tenant's logs do not show it, and Entra finds. */
export const riskAttacks: readonly Attack[] = [
  {
    name: 'credential-leaked',
    // Who acts for users has a credential of its own too.
    can: (agent) => isServicePrincipal(agent) || agent.type === 'onBehalfOf',
    suits: ({ credentialType }) => credentialType === 'clientSecret',
    plan: (_agent, slot, random) => lasting(slot.around, random.between(5, 20) * MINUTE, slot),
    act: ({ stage, agent, random, from, to }) => {
      const { tenantId } = stage.world
      const [activity, detected] = [from + 1, Math.floor((from + to) / 2)]
      const leak = { riskEventType: 'leakedCredentials', riskLevel: 'high' }
      const fields = { id: random.digits(64), tenantId, time: activity, detected, updated: detected, ...leak }
      const address = addressIn(random.pick(foreignNetworks), random)
      writeFinding(stage, servicePrincipalAtRisk, { ...fields, ...subjectOf(agent), address }, random)
    },
  },
]
