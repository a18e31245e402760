import { join } from 'node:path'
import { Command } from 'commander'
import { loadSources } from '../deployment/load.js'
import { packageFiles } from '../deployment/package.js'
import { loadDetections, PACK } from '../detections/load.js'
import { compileDetection } from '../kql/compile.js'
import { rulesOf } from '../sentinel/build.js'
import { type Io, print } from './io.js'
import { OVERRIDES } from './options.js'
import { removeOld, writeAll } from './write-files.js'

interface Flags {
  readonly detections: string
  readonly overrides?: string
  readonly deploy: string
  readonly json?: boolean
}

const AFTER = `
Examples:
  agentwarden rules package
  agentwarden rules package --detections my-detections --deploy my-deploy

Writes azure/*.bicep and azure/*.json, the templates for Azure, and in solution/ what of a content-hub solution is
written by machine: Analytic Rules, Parsers, Watchlists, Playbooks, Data. The rest is read from the same folder: tables,
azure/agentwarden.yaml, rules, playbooks, and in solution/ Hunting Queries, Workbooks, ReleaseNotes.md.
Exit code: 0 done, 1 failed, 2 wrong usage.`

/** Folders of the solution in which each rule or view has a file. */
const FOLDERS = ['solution/Analytic Rules', 'solution/Parsers']

/** `agentwarden rules package`: templates for Azure and a content-hub solution. */
export function packageCommand(io: Io): Command {
  return new Command('package')
    .description('write the templates for Azure and a content-hub solution')
    .option('--detections <dir>', 'where they are', PACK)
    .option('--overrides <file>', OVERRIDES)
    .option('--deploy <dir>', 'where to read and write', 'deploy')
    .option('--json', 'say as JSON what was written')
    .addHelpText('after', AFTER)
    .action(async (flags: Flags) => {
      const detections = await loadDetections(flags.detections, flags.overrides)
      const rules = rulesOf(detections, (detection) => compileDetection(detection))
      const files = packageFiles(rules, await loadSources(flags.deploy))
      await writeAll(flags.deploy, files)
      const removed = await removeOld(flags.deploy, files, FOLDERS)
      const written = Array.from(files.keys(), (path) => join(flags.deploy, path))
      if (flags.json)
        await print(io.stdout, JSON.stringify({ rules: rules.length, written, removed }, undefined, 2))
      else for (const path of written) await print(io.stdout, path)
      for (const path of removed) await print(io.stderr, `removed ${path}`)
      await print(io.stderr, `${rules.length} rules, ${files.size} files`)
    })
}
