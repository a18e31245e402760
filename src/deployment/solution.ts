import { Scalar } from 'yaml'
import { csvLine } from '../csv.js'
import { WATCHLIST_COLUMNS } from '../kql/language.js'
import { type Rule, ruleGuid } from '../sentinel/rule.js'
import { yamlOf, yamlText } from '../sentinel/yaml.js'
import { FUNCTION_PARAMETERS, type SavedFunction } from './functions.js'
import type { Files } from './package.js'
import { WATCHLIST } from './resources/sentinel.js'

const NAME = 'agentwarden'

/** What of a solution is written by hand: paths below its folder. */
export interface HandWritten {
  readonly 'Hunting Queries': readonly string[]
  readonly Workbooks: readonly string[]
}

/** A version of the solution, as its release notes tell it. */
export interface Release {
  readonly version: string
  /** ISO 8601. */
  readonly date: string
}

/**
 * What of a content-hub solution is written by machine, in the layout that Microsoft's packaging tool takes.
 *
 * @param copied - what lies elsewhere in `deploy` and belongs into the solution too
 */
export function solutionFiles(
  rules: readonly Rule[],
  functions: readonly SavedFunction[],
  written: HandWritten,
  copied: Files,
  release: Release,
): Files {
  const files = new Map(copied)
  for (const rule of rules) files.set(`Analytic Rules/${rule.detection}.yaml`, yamlText(rule))
  for (const one of functions) files.set(`Parsers/${one.name}.yaml`, parserText(one, release))
  files.set(`Watchlists/${WATCHLIST.watchlistAlias}.json`, watchlistText())
  const paths = { ...byFolder([...files.keys()]), ...written }
  return files.set(`Data/Solution_${NAME}.json`, json(dataOf(paths, release)))
}

/** Paths by the folder that they lie in. */
function byFolder(paths: readonly string[]): Record<string, readonly string[]> {
  const folders = new Set(paths.map((path) => path.slice(0, path.indexOf('/'))))
  return Object.fromEntries(
    Array.from(folders, (folder) => [folder, paths.filter((path) => path.startsWith(`${folder}/`))]),
  )
}

/** What the packaging tool reads first: kinds of content without any are left out. */
function dataOf(paths: Readonly<Record<string, readonly string[]>>, { version }: Release) {
  const kinds = ['Analytic Rules', 'Hunting Queries', 'Parsers', 'Workbooks', 'Watchlists', 'Playbooks']
  const content = kinds.flatMap((kind) => (paths[kind]?.length ? [[kind, [...paths[kind]].sort()]] : []))
  return {
    Name: NAME,
    Author: NAME,
    Logo: '<img src="https://raw.githubusercontent.com/Azure/Azure-Sentinel/master/Logos/Azure_Sentinel.svg" width="75px" height="75px">',
    Description: DESCRIPTION,
    ...Object.fromEntries(content),
    WatchlistDescription: [WATCHLIST.description],
    BasePath: `Solutions/${NAME}`,
    Version: version,
    Metadata: 'SolutionMetadata.json',
    TemplateSpec: true,
    Is1PConnector: false,
  }
}

const DESCRIPTION = [
  'Detections for the identities of AI agents in Microsoft Entra: service principals, managed identities and agent identities.',
  'Each agent is compared with its own last 13 days: the hours at which it works, the resources that it reaches, the volume that it pulls, where it signs in from. Changes of credentials, permissions, roles and owners are told whatever the history.',
  'The rules read the tables of the Microsoft Entra ID connector and MicrosoftGraphActivityLogs, which Entra sends when its diagnostic setting says so.',
].join('\n\n')

function parserText({ name, title, query }: SavedFunction, { version, date }: Release): string {
  return yamlOf({
    id: ruleGuid(name),
    Function: { Title: title, Version: quoted(version), LastUpdated: quoted(date) },
    Category: 'Microsoft Sentinel Parser',
    FunctionName: name,
    FunctionAlias: name,
    FunctionParams: FUNCTION_PARAMETERS,
    FunctionQuery: query,
  })
}

/** What reads like a number or a date to some, but is a text. */
function quoted(text: string): Scalar {
  const scalar = new Scalar(text)
  scalar.type = Scalar.QUOTE_SINGLE
  return scalar
}

/** The watchlist without agents: the packaging tool takes it as a resource template. */
function watchlistText(): string {
  const { watchlistAlias, ...rest } = WATCHLIST
  return json({
    $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
    contentVersion: '1.0.0.0',
    parameters: {
      workspaceName: {
        type: 'string',
        metadata: {
          description: 'Name of the Log Analytics workspace that Microsoft Sentinel is enabled on.',
        },
      },
    },
    resources: [
      {
        type: 'Microsoft.OperationalInsights/workspaces/providers/Watchlists',
        apiVersion: '2025-09-01',
        name: `[concat(parameters('workspaceName'), '/Microsoft.SecurityInsights/${watchlistAlias}')]`,
        properties: { watchlistAlias, ...rest, rawContent: csvLine(WATCHLIST_COLUMNS) },
      },
    ],
  })
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`
}
