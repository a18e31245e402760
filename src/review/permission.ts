import type { EntraPermission } from '../agents/inventory.js'
import { openedBy } from './graph-permissions.js'
import type { AgentUsage, Operation, Usage, Use } from './usage.js'

/**
 * Whether a permission was used, in the order in which one looks at them: `only read` where it lets write and nothing was
 * written; `cannot be told` where the logs at hand, or what is known of the permission, don't say.
 */
export const VERDICTS = ['unused', 'only read', 'cannot be told', 'used'] as const

export type Verdict = (typeof VERDICTS)[number]

/** A permission, and what became of it. */
export interface PermissionReview extends EntraPermission {
  readonly verdict: Verdict
  /** Rows that used it, and when the last was; milliseconds since 1970. */
  readonly rows: number
  readonly last: number | undefined
}

/** The application that Microsoft Graph is, in every tenant. */
const GRAPH_APP = '00000003-0000-0000-c000-000000000000'

/** Judges one permission by what its agent used. */
export function judged(
  permission: EntraPermission,
  used: AgentUsage | undefined,
  usage: Usage,
): PermissionReview {
  const isGraph = permission.resource_id?.toLowerCase() === GRAPH_APP
  const { verdict, uses } = isGraph ? byCalls(permission, used, usage) : bySignIns(permission, used, usage)
  const last = Math.max(...uses.map((use) => use.last))
  return {
    ...permission,
    verdict,
    rows: uses.reduce((sum, { rows }) => sum + rows, 0),
    last: uses.length > 0 ? last : undefined,
  }
}

interface Judgement {
  readonly verdict: Verdict
  readonly uses: readonly Use[]
}

const UNKNOWN: Judgement = { verdict: 'cannot be told', uses: [] }
const UNUSED: Judgement = { verdict: 'unused', uses: [] }

function byCalls({ permission }: EntraPermission, used: AgentUsage | undefined, usage: Usage): Judgement {
  const opened = openedBy(permission)
  if (!usage.views.has('GraphCalls')) return withoutCalls(used, usage)
  if (opened === undefined) return UNKNOWN
  const all: Operation[] = [...(used?.operations.values() ?? [])]
  const fitting = all.filter(({ words }) => opened.opens(words))
  const writing = fitting.filter(({ access }) => access === 'write')
  if (fitting.length === 0) return UNUSED
  if (opened.writes && writing.length === 0) return { verdict: 'only read', uses: fitting }
  return { verdict: 'used', uses: opened.writes ? writing : fitting }
}

/** Without the log of Graph's calls: who never signed in to Graph has used no permission of it. */
function withoutCalls(used: AgentUsage | undefined, usage: Usage): Judgement {
  return usage.views.has('SignIns') && !used?.resources.has(GRAPH_APP) ? UNUSED : UNKNOWN
}

/** Of other resources the logs show that they were used, but not by which permission. */
function bySignIns(permission: EntraPermission, used: AgentUsage | undefined, usage: Usage): Judgement {
  const { resource, resource_id: id } = permission
  if (!usage.views.has('SignIns')) return UNKNOWN
  const use = used?.resources.get(id?.toLowerCase() ?? '') ?? used?.resources.get(resource.toLowerCase())
  return use ? { verdict: 'used', uses: [use] } : UNUSED
}
