import type { EntraCredential, EntraPermission, Inventory, InventoryEntry } from '../agents/inventory.js'
import { judged, type PermissionReview, VERDICTS } from './permission.js'
import type { AgentUsage, Usage } from './usage.js'

/** What is to be looked at in an agent's credential. */
export interface CredentialReview extends EntraCredential {
  /** From worst to best what holds: over by the end of the logs, valid for long, not seen in a sign-in. */
  readonly remarks: readonly ('expired' | 'long-lived' | 'unused' | 'cannot be told')[]
  readonly last: number | undefined
}

/** What is to be looked at in an agent. */
export interface AgentReview {
  readonly id: string
  readonly name: string | undefined
  readonly owner: string | undefined
  readonly sponsor: string | undefined
  /** Its sign-ins and calls of Graph in the logs, failed ones too, and when the last was; milliseconds since 1970. */
  readonly rows: number
  readonly last: number | undefined
  /** Whether the inventory has what Entra says of it: without, there are no permissions and credentials here. */
  readonly known: boolean
  /** About the agent as a whole, in words. */
  readonly remarks: readonly string[]
  /** Unused ones first. */
  readonly permissions: readonly PermissionReview[]
  readonly credentials: readonly CredentialReview[]
  /** Resources that it signed in to without a permission on them in the inventory. */
  readonly ungranted: readonly string[]
}

/** What there is to say, agents with most unused permissions first. */
export interface Review {
  /** Times of the first and last row, milliseconds since 1970. */
  readonly from: number
  readonly to: number
  readonly agents: readonly AgentReview[]
}

const DAY = 86_400_000

/**
 * Compares what agents were granted with what they used.
 * @param longLived milliseconds of validity beyond which a credential is remarked on
 */
export function reviewOf(inventory: Inventory, usage: Usage, longLived: number): Review {
  const agents = inventory.entries.map((entry) => agentReview(entry, usage, longLived))
  const unused = ({ permissions }: AgentReview) =>
    permissions.filter(({ verdict }) => verdict === 'unused').length
  return {
    from: usage.from,
    to: usage.to,
    agents: agents.sort((a, b) => unused(b) - unused(a) || (a.id < b.id ? -1 : 1)),
  }
}

function agentReview(entry: InventoryEntry, usage: Usage, longLived: number): AgentReview {
  const { id, name, owner, sponsor, entra } = entry
  const used = usage.agents.get(id.toLowerCase())
  return {
    id,
    name,
    owner,
    sponsor,
    rows: used?.seen.rows ?? 0,
    last: used?.seen.last,
    known: entra !== undefined,
    remarks: remarksOn(entry, used),
    permissions: permissionsOf(entra?.permissions ?? [], used, usage),
    credentials: (entra?.credentials ?? []).map((one) => credentialReview(one, usage, longLived)),
    ungranted: ungrantedOf(entra?.permissions, used),
  }
}

function remarksOn(entry: InventoryEntry, used: AgentUsage | undefined): string[] {
  const { owner, sponsor, status, entra } = entry
  const remarks: [boolean, string][] = [
    [owner === undefined && !entra?.owners.length, 'no owner'],
    [sponsor === undefined && !entra?.sponsors.length, 'no sponsor'],
    [used === undefined && status === 'active', 'not seen in these logs'],
    [used !== undefined && status !== 'active', `${status}, but seen in these logs`],
    [status !== 'active' && entra?.enabled === true, `${status}, but enabled in Entra`],
  ]
  return remarks.filter(([holds]) => holds).map(([, text]) => text)
}

function permissionsOf(
  granted: readonly EntraPermission[],
  used: AgentUsage | undefined,
  usage: Usage,
): PermissionReview[] {
  const all = granted.map((permission) => judged(permission, used, usage))
  return all.sort((a, b) => VERDICTS.indexOf(a.verdict) - VERDICTS.indexOf(b.verdict))
}

function credentialReview(credential: EntraCredential, usage: Usage, longLived: number): CredentialReview {
  const { id, from, until } = credential
  const use = usage.credentials.get(id.toLowerCase())
  const [begin, end] = [Date.parse(from ?? ''), Date.parse(until ?? '')]
  const remarks: [boolean, CredentialReview['remarks'][number]][] = [
    [end < usage.to, 'expired'],
    [end - begin > longLived + DAY, 'long-lived'],
    [use === undefined && usage.views.has('SignIns'), 'unused'],
    [!usage.views.has('SignIns'), 'cannot be told'],
  ]
  return {
    ...credential,
    remarks: remarks.filter(([holds]) => holds).map(([, text]) => text),
    last: use?.last,
  }
}

/** Only where it is known what was granted. Names; those that are ids are the same resources once more. */
function ungrantedOf(
  granted: readonly EntraPermission[] | undefined,
  used: AgentUsage | undefined,
): string[] {
  if (granted === undefined || used === undefined) return []
  const known = new Set(granted.map(({ resource }) => resource.toLowerCase()))
  const isName = (name: string) => !/^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(name)
  return [...used.resources.keys()].filter((name) => isName(name) && !known.has(name)).sort()
}
