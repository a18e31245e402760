import { readdirSync, readFileSync } from 'node:fs'
import { packagePath } from '../../src/package-root.js'

// biome-ignore lint/suspicious/noExplicitAny: templates are read as they come, their schema is checked elsewhere
export type Json = any

const FOLDER = packagePath('deploy', 'azure')

/** The resource templates in `deploy/azure`, by file name without ending. */
export const armTemplates: ReadonlyMap<string, Json> = new Map(
  readdirSync(FOLDER)
    .filter((name) => name.endsWith('.json'))
    .map((name) => [name.replace('.json', ''), JSON.parse(readFileSync(`${FOLDER}/${name}`, 'utf8'))]),
)

/** A template and those within it, each by the name of its deployment. */
export function nested(name: string, template: Json): [string, Json][] {
  const inner = template.resources.filter((one: Json) => one.type === 'Microsoft.Resources/deployments')
  return [[name, template], ...inner.flatMap((one: Json) => nested(one.name, one.properties.template))]
}

/** Every template, also those within others. */
export const allTemplates: [string, Json][] = [...armTemplates].flatMap(([name, template]) =>
  nested(name, template),
)

/** Resources of a type, in whatever template. */
export function resourcesOf(type: string): Json[] {
  return allTemplates.flatMap(([, { resources }]) => resources.filter((one: Json) => one.type === type))
}
