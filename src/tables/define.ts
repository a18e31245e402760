import type { Column, ColumnType, Table } from './table.js'

interface TableDefinition {
  readonly name: string
  readonly category: string
  readonly eventTime: string
  readonly id: readonly string[]
  /** That of Entra's logs if it says nothing, `none` of what Sentinel writes itself. */
  readonly connector?: 'none' | 'AzureActivity'
  readonly columns: Readonly<Partial<Record<ColumnType, readonly string[]>>>
  /**
   * Where a column does not stand where its name says: dotted paths from the record's root, the first one
   * that has a value counts; none at all for a column that the record does not fill.
   */
  readonly from?: Readonly<Record<string, readonly string[]>>
}

/** Columns that Log Analytics adds itself (its workspace, billing, routing) and no record fills. */
export const ADDED_BY_LOG_ANALYTICS: readonly string[] = [
  'TenantId',
  'SourceSystem',
  'Resource',
  'ResourceGroup',
  'ResourceProvider',
  'Type',
  '_IsBillable',
  '_BilledSize',
  '_ResourceId',
  '_SubscriptionId',
]

/** What stands in the envelope of every category. Level comes in either spelling. */
const ENVELOPE: Readonly<Record<string, readonly string[]>> = {
  TimeGenerated: ['time'],
  OperationName: ['operationName'],
  OperationVersion: ['operationVersion'],
  Category: ['category'],
  ResultType: ['resultType'],
  ResultSignature: ['resultSignature'],
  ResultDescription: ['resultDescription'],
  DurationMs: ['durationMs'],
  CorrelationId: ['properties.correlationId', 'correlationId'],
  Identity: ['identity'],
  Level: ['Level', 'level'],
  Location: ['location'],
  AADTenantId: ['tenantId'],
  ResourceId: ['resourceId'],
}

/**
 * Builds a table. A column is read from the envelope if every category has it there, else from the property
 * of the same name with a small first letter, else from where `from` says.
 */
export function defineTable(definition: TableDefinition): Table {
  const columns = new Map<string, Column>()
  for (const [type, names] of Object.entries(definition.columns)) {
    for (const name of names) columns.set(name, column(type as ColumnType, name, definition.from))
  }
  return {
    name: definition.name,
    category: definition.category.toLowerCase(),
    eventTime: definition.eventTime,
    id: definition.id,
    connector: connectorOf(definition),
    columns,
  }
}

function connectorOf({ connector }: TableDefinition): string | undefined {
  return connector === 'none' ? undefined : (connector ?? 'AzureActiveDirectory')
}

function column(type: ColumnType, name: string, from: TableDefinition['from']): Column {
  const paths = from?.[name] ?? ENVELOPE[name] ?? [`properties.${lowerFirst(name)}`]
  return { type, from: paths.map((path) => path.split('.')) }
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1)
}
