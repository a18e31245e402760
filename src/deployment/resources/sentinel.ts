import { call, idOf, Loaded, not, parameter } from '../expression.js'
import { FUNCTION_PARAMETERS, type SavedFunction } from '../functions.js'
import type { Resource, Template } from '../template.js'
import { LOG_ANALYTICS, location, workspaceName, workspaceNamed } from './common.js'

const SENTINEL = '2025-09-01'
const SOLUTION = '../solution'

/** A hunting query, as far as a template needs to know it. */
export interface HuntingQuery {
  /** The name of its file, without an ending. */
  readonly file: string
  readonly name: string
  readonly description: string
  readonly query: string
  readonly tactics: readonly string[]
  readonly techniques: readonly string[]
}

/** What is shown and asked in Microsoft Sentinel besides the rules. */
export interface Content {
  readonly functions: readonly SavedFunction[]
  readonly huntingQueries: readonly HuntingQuery[]
  /** The workbook's JSON. */
  readonly workbook: string
}

const workspace = workspaceNamed('workspaceName')

/** Functions, hunting queries, the workbook, and the inventory's watchlist. */
export function sentinel({ functions, huntingQueries, workbook }: Content): Template {
  return {
    path: 'sentinel',
    description:
      "What is shown and asked in Microsoft Sentinel: the views as functions, hunting queries, the workbook and the inventory's watchlist.",
    scope: 'resourceGroup',
    parameters: {
      workspaceName,
      location,
      inventory: {
        type: 'string',
        description:
          'The inventory as agentwarden rules watchlist writes it, CSV; without it there is no watchlist, and rules that need one are to stay off.',
        defaultValue: '',
      },
    },
    resources: [
      workspace,
      ...functions.map(functionResource),
      ...huntingQueries.map(queryResource),
      watchlist,
      workbookResource(workbook),
    ],
  }
}

/** One that is there already is written over. */
const OVER = { etag: '*' }

function savedSearch(symbol: string, name: string, properties: NonNullable<Resource['body']>): Resource {
  return {
    symbol,
    type: 'Microsoft.OperationalInsights/workspaces/savedSearches',
    apiVersion: LOG_ANALYTICS,
    parent: workspace,
    name,
    body: { ...OVER, properties },
  }
}

function functionResource({ name, title, query }: SavedFunction): Resource {
  const file = `${SOLUTION}/Parsers/${name}.yaml`
  return savedSearch(`function_${name}`, name, {
    category: 'agentwarden',
    displayName: name,
    functionAlias: name,
    functionParameters: FUNCTION_PARAMETERS.map(
      ({ Name, Type, Default }) => `${Name}:${Type}=${Default}`,
    ).join(', '),
    query: new Loaded(`loadYamlContent('${file}').FunctionQuery`, query),
    tags: [{ name: 'description', value: title }],
    version: 2,
  })
}

function queryResource({ file, name, description, query, tactics, techniques }: HuntingQuery): Resource {
  const said = `loadYamlContent('${SOLUTION}/Hunting Queries/${file}.yaml')`
  return savedSearch(`hunting_${file.replaceAll('-', '_')}`, `agentwarden-${file}`, {
    category: 'Hunting Queries',
    displayName: new Loaded(`${said}.name`, name),
    query: new Loaded(`${said}.query`, query),
    tags: [
      { name: 'description', value: new Loaded(`${said}.description`, description) },
      { name: 'tactics', value: tactics.join(',') },
      { name: 'techniques', value: techniques.join(',') },
    ],
    version: 2,
  })
}

/** The inventory's watchlist: what rules call `AgentInventory`. */
export const WATCHLIST = {
  watchlistAlias: 'AgentInventory',
  displayName: 'AgentInventory',
  description:
    'What the owners of agents say of them: owner, sponsor, tier, status, hours, networks and resources.',
  provider: 'agentwarden',
  source: 'agents.csv',
  sourceType: 'Local',
  itemsSearchKey: 'SearchKey',
  contentType: 'text/csv',
  numberOfLinesToSkip: 0,
} as const

const watchlist: Resource = {
  symbol: 'watchlist',
  type: 'Microsoft.SecurityInsights/watchlists',
  apiVersion: SENTINEL,
  scope: workspace,
  name: WATCHLIST.watchlistAlias,
  condition: not(call('empty', parameter('inventory'))),
  body: { properties: { ...WATCHLIST, rawContent: parameter('inventory') } },
}

function workbookResource(workbook: string): Resource {
  return {
    symbol: 'workbook',
    type: 'Microsoft.Insights/workbooks',
    apiVersion: '2023-06-01',
    name: call('guid', idOf(workspace), 'agentwarden'),
    body: {
      location: parameter('location'),
      kind: 'shared',
      properties: {
        displayName: 'agentwarden',
        description: 'Agents, their risk, the alerts on them, and what is usual for them.',
        category: 'sentinel',
        version: 'Notebook/1.0',
        sourceId: idOf(workspace),
        serializedData: new Loaded(`loadTextContent('${SOLUTION}/Workbooks/Agentwarden.json')`, workbook),
      },
    },
  }
}
