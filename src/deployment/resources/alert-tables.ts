import { idOf, Loaded, parameter, propertyOf, type Value } from '../expression.js'
import type { Resource, Template } from '../template.js'
import { LOG_ANALYTICS, principalId, roleAssignment, workspaceName, workspaceNamed } from './common.js'

const API = '2023-03-11'

/** A custom table as a file of `deploy/tables` describes it. */
export interface TableFile {
  readonly name: string
  readonly description: string
  /** The stream of the data collection rule that leads to it. */
  readonly stream: string
  readonly columns: readonly { readonly name: string; readonly type: string; readonly description: string }[]
}

const workspace = workspaceNamed('workspaceName')
const workspaceLocation = parameter('location')

const endpoint: Resource = {
  symbol: 'endpoint',
  type: 'Microsoft.Insights/dataCollectionEndpoints',
  apiVersion: API,
  name: parameter('name'),
  body: {
    location: workspaceLocation,
    properties: { networkAcls: { publicNetworkAccess: 'Enabled' } },
  },
}

/** The tables that alerts go to, the rule that takes them in, and who may send. */
export function alertTables(files: readonly TableFile[]): Template {
  const tables = files.map(tableOf)
  const rule = ruleOf(files, tables)
  return {
    path: 'modules/alert-tables',
    description: 'The tables that alerts go to, the rule that takes them in, and the identity that may send.',
    scope: 'resourceGroup',
    parameters: {
      workspaceName,
      location: { type: 'string', description: 'Region of the workspace, in which the rule must lie too.' },
      name: { type: 'string', description: 'Name of the data collection endpoint and of the rule.' },
      principalId,
    },
    resources: [
      workspace,
      ...tables,
      endpoint,
      rule,
      roleAssignment('publisher', 'Monitoring Metrics Publisher', rule, idOf(rule)),
    ],
    outputs: {
      endpoint: {
        type: 'string',
        description: 'Where alerts are sent to.',
        value: propertyOf(endpoint, 'logsIngestion.endpoint'),
      },
      ruleId: {
        type: 'string',
        description: 'Immutable id of the data collection rule.',
        value: propertyOf(rule, 'immutableId'),
      },
    },
  }
}

/** What Bicep reads of a table's file. */
function said(file: TableFile, path: string, content: Value): Loaded {
  return new Loaded(`loadJsonContent('../../tables/${file.name}.json').${path}`, content)
}

function tableOf(file: TableFile): Resource {
  const { name, description, columns } = file
  return {
    symbol: name.replace(/_CL$/, '').replace(/^./, (letter) => letter.toLowerCase()),
    type: 'Microsoft.OperationalInsights/workspaces/tables',
    apiVersion: LOG_ANALYTICS,
    parent: workspace,
    name,
    body: {
      properties: {
        plan: 'Analytics',
        schema: {
          name,
          description: said(file, 'description', description),
          columns: said(
            file,
            'columns',
            columns.map((column) => ({ ...column })),
          ),
        },
      },
    },
  }
}

/** Its streams have the columns of the tables; a rule is refused when its table is not there yet. */
function ruleOf(files: readonly TableFile[], tables: readonly Resource[]): Resource {
  return {
    symbol: 'rule',
    type: 'Microsoft.Insights/dataCollectionRules',
    apiVersion: API,
    name: parameter('name'),
    after: tables,
    body: {
      location: workspaceLocation,
      properties: {
        dataCollectionEndpointId: idOf(endpoint),
        streamDeclarations: Object.fromEntries(
          files.map((file) => [file.stream, { columns: streamColumns(file) }]),
        ),
        destinations: { logAnalytics: [{ name: 'workspace', workspaceResourceId: idOf(workspace) }] },
        dataFlows: files.map(({ name, stream }) => ({
          streams: [stream],
          destinations: ['workspace'],
          transformKql: 'source',
          outputStream: `Custom-${name}`,
        })),
      },
    },
  }
}

/** A stream has no descriptions. */
function streamColumns(file: TableFile): Loaded {
  const columns = said(file, 'columns', []).bicep
  return new Loaded(
    `map(${columns}, column => { name: column.name, type: column.type })`,
    file.columns.map(({ name, type }) => ({ name, type })),
  )
}
