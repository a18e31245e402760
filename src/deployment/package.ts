import type { Rule } from '../sentinel/rule.js'
import { views } from '../views/index.js'
import { armText } from './arm.js'
import { bicepText } from './bicep.js'
import { functionOf } from './functions.js'
import type { TableFile } from './resources/alert-tables.js'
import { entra } from './resources/entra.js'
import { main } from './resources/main.js'
import { type HuntingQuery, sentinel } from './resources/sentinel.js'
import { newWorkspace } from './resources/workspace.js'
import { type HandWritten, type Release, solutionFiles } from './solution.js'
import type { Template } from './template.js'

/** Texts by their path below the folder of what is deployed. */
export type Files = ReadonlyMap<string, string>

/** What is written by hand, and what templates and solution are made of besides the rules. */
export interface Sources {
  readonly tables: readonly TableFile[]
  /** The configuration of agentwarden with placeholders. */
  readonly configuration: string
  readonly huntingQueries: readonly HuntingQuery[]
  /** The workbook's JSON. */
  readonly workbook: string
  readonly written: HandWritten
  /** Rules and playbooks that stand by themselves, by their paths in the solution. */
  readonly copied: Files
  readonly release: Release
}

/** Each view as a function. */
export const functions = [...views.values()].map(functionOf)

/** The templates that are deployed by themselves. */
function templatesOf({ tables, configuration, huntingQueries, workbook }: Sources): Template[] {
  return [main(tables, configuration), sentinel({ functions, huntingQueries, workbook }), entra, newWorkspace]
}

/** All that is written by machine: `azure/` and `solution/`. */
export function packageFiles(rules: readonly Rule[], sources: Sources): Files {
  const solution = solutionFiles(rules, functions, sources.written, sources.copied, sources.release)
  return new Map([
    ...templateFiles(templatesOf(sources)),
    ...Array.from(solution, ([path, text]) => [`solution/${path}`, text] as const),
  ])
}

/** The files of templates: each as Bicep, and those that stand by themselves as resource templates too. */
function templateFiles(templates: readonly Template[]): Files {
  const files = new Map<string, string>()
  for (const template of templates) {
    files.set(`azure/${template.path}.json`, armText(template))
    for (const one of withModules(template)) files.set(`azure/${one.path}.bicep`, bicepText(one))
  }
  return files
}

/** A template and those that it deploys. */
function withModules(template: Template): Template[] {
  return [template, ...(template.modules ?? []).flatMap((module) => withModules(module.template))]
}
