import type { Agent } from '../agent.js'
import { addressIn, foreignNetworks } from '../catalog/networks.js'
import { asActor, changeBy, credentials, sendAudit } from '../directory.js'
import type { Random } from '../random.js'
import {
  type Actor,
  type AppRole,
  type AuditFields,
  appRoleGranted,
  consentGranted,
  credentialAdded,
  type DirectoryRole,
  delegatedGrantAdded,
  directoryRoleAssigned,
  federatedCredentialAdded,
  ownerAddedToApplication,
  ownerAddedToServicePrincipal,
  servicePrincipalUpdated,
  type WireRecord,
} from '../records/index.js'
import { MINUTE } from '../time.js'
import type { World } from '../world.js'
import type { Attack, Plan, Scene } from './attack.js'
import { lasting } from './timing.js'
import { hasAddress, isServicePrincipal, isWorkload } from './victims.js'

const appRoles: readonly AppRole[] = [
  {
    id: '9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8',
    value: 'RoleManagement.ReadWrite.Directory',
    description: 'Read and write all directory RBAC settings',
  },
  {
    id: '1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9',
    value: 'Application.ReadWrite.All',
    description: 'Read and write all applications',
  },
  {
    id: '06b708a9-e830-4db3-a914-8e69da51d44f',
    value: 'AppRoleAssignment.ReadWrite.All',
    description: 'Manage app permission grants and app role assignments',
  },
]

const directoryRoles: readonly DirectoryRole[] = [
  {
    templateId: 'e8611ab8-c189-46e8-94e1-60213ab1f814',
    name: 'Privileged Role Administrator',
    wellKnown: 'PrivilegedRoleAdmins',
  },
  {
    templateId: '62e90394-69f5-4237-9190-012177145e10',
    name: 'Global Administrator',
    wellKnown: 'TenantAdmins',
  },
]

/** Another service principal that does it, in a share of the cases. */
export function doneBy(share: number, victim: Agent, world: World, random: Random): Pick<Plan, 'by'> {
  const others = world.agents.filter((agent) => isServicePrincipal(agent) && agent !== victim)
  return random.chance(share) && others.length > 0 ? { by: random.pick(others) } : {}
}

/** Who does it: another agent, or a person whose account was taken over, from abroad. */
export function actorOf({ by, stage, random }: Scene): Actor {
  if (by) return { app: { servicePrincipalId: by.id, name: by.name } }
  const person = random.pick(stage.world.people)
  return asActor({ ...person, address: addressIn(random.pick(foreignNetworks), random) })
}

export function auditFields(scene: Scene, actor: Actor, time: number): AuditFields {
  return changeBy(scene.stage.world, actor, time, scene.random)
}

export function write(scene: Scene, record: WireRecord): void {
  sendAudit(scene.stage, scene.from, scene.random, record)
}

/** An attack that consists of changes at the scene's start. */
export function change(
  name: string,
  can: Attack['can'],
  make: (scene: Scene, fields: AuditFields) => WireRecord[],
): Attack {
  return {
    name,
    can,
    suits: () => true,
    plan: (agent, slot, random, world) => ({
      ...lasting(slot.around, random.between(2, 6) * MINUTE, slot),
      ...doneBy(0.4, agent, world, random),
    }),
    act: (scene) => {
      const fields = auditFields(scene, actorOf(scene), scene.from)
      make(scene, fields).forEach((record, i) => {
        record.properties.id = `${fields.id}${i}`
        write(scene, record)
      })
    },
  }
}

export const directoryAttacks: readonly Attack[] = [
  change('credential-added', isServicePrincipal, ({ agent, random }, fields) => {
    const before = credentials(agent).slice(0, 1)
    return [credentialAdded(agent, { keyId: random.guid(), kind: 'Password', name: 'temp' }, before, fields)]
  }),
  change('federated-credential-added', isServicePrincipal, ({ agent, random }, fields) => {
    const subject = `repo:octo-${random.digits(6)}/deploy:ref:refs/heads/main`
    const credential = { name: 'deploy', issuer: 'https://token.actions.githubusercontent.com', subject }
    return [federatedCredentialAdded(agent, credential, fields), servicePrincipalUpdated(agent, fields)]
  }),
  change('tenant-wide-consent', isServicePrincipal, ({ agent, stage }, fields) => {
    const scope = 'Mail.ReadWrite Files.ReadWrite.All offline_access User.Read'
    const { graph } = stage.world
    return [consentGranted(agent, graph, scope, fields), delegatedGrantAdded(agent, graph, scope, fields)]
  }),
  change('owner-added', hasAddress, ({ agent, random, stage }, fields) => {
    const owner = random.pick(stage.world.people)
    const both = [
      ownerAddedToServicePrincipal(agent, owner, fields),
      ownerAddedToApplication(agent, owner, fields),
    ]
    return random.chance(0.5) ? both : both.slice(0, 1)
  }),
  change('app-role-granted', isWorkload, ({ agent, random, stage }, fields) => [
    appRoleGranted(stage.world.graph, random.pick(appRoles), agent, fields),
  ]),
  change('directory-role-assigned', isWorkload, ({ agent, random }, fields) => [
    directoryRoleAssigned(agent, random.pick(directoryRoles), fields),
  ]),
]
