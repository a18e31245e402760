import { armText } from './arm.js'
import { bicepText } from './bicep.js'
import type { TableFile } from './resources/alert-tables.js'
import { entra } from './resources/entra.js'
import { main } from './resources/main.js'
import { newWorkspace } from './resources/workspace.js'
import type { Template } from './template.js'

/** Texts by their path below the folder of what is deployed. */
export type Files = ReadonlyMap<string, string>

/** What is written by hand and goes into templates. */
export interface Sources {
  readonly tables: readonly TableFile[]
  /** The configuration of agentwarden with placeholders. */
  readonly configuration: string
}

/** The templates that are deployed by themselves. */
export function templatesOf({ tables, configuration }: Sources): Template[] {
  return [main(tables, configuration), entra, newWorkspace]
}

/** The files of templates: each as Bicep, and those that stand by themselves as resource templates too. */
export function templateFiles(templates: readonly Template[]): Files {
  const files = new Map<string, string>()
  for (const template of templates) {
    files.set(`azure/${template.path}.json`, armText(template))
    for (const one of withModules(template)) files.set(`azure/${one.path}.bicep`, bicepText(one))
  }
  return files
}

/** A template and those that it deploys. */
export function withModules(template: Template): Template[] {
  return [template, ...(template.modules ?? []).flatMap((module) => withModules(module.template))]
}
