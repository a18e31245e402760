import { readdirSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { packagePath } from '../../src/package-root.js'

const FOLDER = packagePath('deploy', 'solution')

/** The text of a file of the solution. */
export function solutionText(path: string): string {
  return readFileSync(`${FOLDER}/${path}`, 'utf8')
}

/** Paths of all files of the solution, below its folder. */
export function solutionPaths(): string[] {
  return readdirSync(FOLDER, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => `${parentPath}/${name}`.slice(FOLDER.length + 1))
    .sort()
}

/** The YAML files of a folder of the solution. */
export function yamlFiles<Shape>(folder: string): (Shape & { readonly file: string })[] {
  return solutionPaths()
    .filter((path) => path.startsWith(`${folder}/`))
    .map((path) => ({ ...parse(solutionText(path)), file: path.replace(/^.*\/|\.yaml$/g, '') }))
}

export interface HuntingYaml {
  readonly file: string
  readonly id: string
  readonly name: string
  readonly description: string
  readonly requiredDataConnectors: readonly {
    readonly connectorId: string
    readonly dataTypes: readonly string[]
  }[]
  readonly tactics: readonly string[]
  readonly relevantTechniques: readonly string[]
  readonly query: string
  readonly entityMappings: readonly {
    readonly entityType: string
    readonly fieldMappings: readonly { readonly identifier: string; readonly columnName: string }[]
  }[]
  readonly version: string
}

export const huntingQueries = yamlFiles<HuntingYaml>('Hunting Queries')

export interface WorkbookQuery {
  readonly title: string
  readonly query: string
}

/** The queries of the workbook. */
export const workbookQueries: readonly WorkbookQuery[] = JSON.parse(
  solutionText('Workbooks/Agentwarden.json'),
).items.flatMap(({ content }: { content: Partial<WorkbookQuery> }) =>
  content.query === undefined ? [] : [content],
)
