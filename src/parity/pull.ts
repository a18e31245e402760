import type { Inventory, Population } from '../agents/inventory.js'
import { datetime, indent, literals } from '../kql/text.js'
import { neededSteps } from '../kql/view-text.js'
import type { PieceSource } from '../replay/merge.js'
import type { Piece } from '../sources/splitter.js'
import { recordOf } from '../tables/record-of.js'
import type { ColumnType, Table } from '../tables/table.js'
import { views } from '../views/index.js'
import type { View, ViewSource } from '../views/view.js'
import type { Answer, Period } from '../workspace/client.js'
import { type Asking, askInParts, slicesOf } from '../workspace/slices.js'

/** Which rows of a table are pulled, and what of them. */
export interface Pull {
  readonly table: Table
  /** The columns that some query names. */
  readonly columns: readonly string[]
  readonly population: Population
  readonly inventory: Inventory | undefined
}

/** Records in one message, as Event Hubs delivers them. */
const IN_A_MESSAGE = 200

/**
 * The rows of a table in a workspace as a source of records, asked for as they are read, a day at a time. Rows that are
 * surely no agent's stay where they are. @param tenant - of records whose table does not say it
 */
export function pulledSource(
  pull: Pull,
  period: Period,
  asking: Asking,
  tenant: string | undefined,
): PieceSource {
  const { table } = pull
  return {
    name: table.name,
    async *pieces() {
      for (const slice of slicesOf(period)) {
        const answers = await askInParts((part) => pullText(pull, part), slice, asking)
        yield answers.flatMap((answer) => messages(recordsOf(table, answer, tenant)))
      }
    },
  }
}

function recordsOf(table: Table, { columns, rows }: Answer, tenant: string | undefined): object[] {
  return rows.map((row) => {
    const record = recordOf(table, Object.fromEntries(columns.map((name, at) => [name, row[at]])))
    return tenant === undefined || 'tenantId' in record ? record : { ...record, tenantId: tenant }
  })
}

function messages(records: readonly object[]): Piece[] {
  const pieces: Piece[] = []
  for (let from = 0; from < records.length; from += IN_A_MESSAGE) {
    const bytes = Buffer.from(JSON.stringify({ records: records.slice(from, from + IN_A_MESSAGE) }))
    pieces.push({ bytes, line: pieces.length + 1, offset: 0, length: bytes.length })
  }
  return pieces
}

/** The rows of a table in a period of event time, with times and dynamics as texts; none where there is no such table. */
function pullText(pull: Pull, { from, to }: Period): string {
  const { table, columns } = pull
  const scan = table.eventTime === 'TimeGenerated' ? [] : [`| where TimeGenerated >= ${datetime(from)}`]
  const { functions, lines } = agentsOnly(pull)
  const rows = [
    table.name,
    ...scan,
    `| where ${table.eventTime} >= ${datetime(from)} and ${table.eventTime} < ${datetime(to)}`,
    ...lines,
    `| project ${columns.map((name) => projected(table, name)).join(', ')}`,
  ].join('\n')
  const empty = `datatable(${columns.map((name) => `${name}: ${typeOf(table, name)}`).join(', ')})[]`
  const union = `union isfuzzy=true\n${indent(`(${empty}),\n(${rows})`)}`
  return [`// rows of ${table.name}`, ...functions, `${union}\n| sort by ${table.eventTime} asc`].join('\n')
}

/** The tenants of whom there are sign-ins of workloads or changes in a period. */
export function tenantText({ from, to }: Period): string {
  const legs = ['AADServicePrincipalSignInLogs', 'AADManagedIdentitySignInLogs', 'AuditLogs'].map(
    (name) =>
      `(${name} | where TimeGenerated between (${datetime(from)} .. ${datetime(to)}) | project AADTenantId)`,
  )
  const union = ['(datatable(AADTenantId: string)[])', ...legs].join(',\n')
  return `// whose tenant it is\nunion isfuzzy=true\n${indent(union)}\n| where isnotempty(AADTenantId)\n| distinct AADTenantId`
}

/** What the client library would turn into something else comes as a text. */
const AS_TEXT: readonly ColumnType[] = ['datetime', 'dynamic']

function projected({ columns }: Table, name: string): string {
  return AS_TEXT.includes(columns.get(name)!.type) ? `${name} = tostring(${name})` : name
}

function typeOf({ columns }: Table, name: string): string {
  const { type } = columns.get(name)!
  return AS_TEXT.includes(type) ? 'string' : type
}

/** Operators that leave rows of agents, and the functions that they call. */
function agentsOnly(pull: Pull): { functions: string[]; lines: string[] } {
  const uses = [...views.values()].flatMap((view) =>
    view.sources.filter(({ table }) => table === pull.table).map((source) => ({ view, source })),
  )
  const wanted = uses.map(({ source }) => ({ source, condition: isAgents(source, pull) }))
  const steps = wanted.flatMap(({ source, condition }) => neededSteps(source.kql.steps ?? [], [condition]))
  // Such a step looks into each row: it costs more than the few rows of the audit log that it would leave out.
  if (steps.some(([, text]) => text.startsWith('|'))) return { functions: [], lines: [] }
  const conditions = wanted.map(({ condition }) => condition)
  const texts = [...conditions, ...steps.map(([, text]) => text)]
  return {
    functions: functionsOf(
      uses.map(({ view }) => view),
      texts,
    ),
    lines: [
      ...steps.map(([name, text]) => `| extend ${name} = ${text}`),
      `| where ${conditions.map((one) => `(${one})`).join(' or ')}`,
    ],
  }
}

function functionsOf(used: readonly View[], texts: readonly string[]): string[] {
  const all = new Map(used.flatMap((view) => (view.functions ?? []).map((step) => [step[0], step] as const)))
  return neededSteps([...all.values()], texts).map(([, text]) => `let ${text};`)
}

function isAgents({ kql }: ViewSource, { population, inventory }: Pull): string {
  const { Agentic = '0', Workload = '0', AgentId = '""' } = kql.columns
  const ids = inventory?.entries.map(({ id }) => id.toLowerCase()) ?? []
  const whose = [
    `${Agentic} == 1`,
    ...(population === 'workloads' ? [`${Workload} == 1`] : []),
    ...(population !== 'agentic' && ids.length > 0 ? [`${AgentId} in (${literals(ids)})`] : []),
  ]
  return `(${kql.where}) and (${whose.join(' or ')})`
}
