import { join } from 'node:path'
import { Command } from 'commander'
import type { Detection } from '../detections/detection.js'
import { loadDetections, PACK } from '../detections/load.js'
import { compileDetection } from '../kql/compile.js'
import { FORMATS, type Format, filesOfPack, filesOfRules, foldersOf, rulesOf } from '../sentinel/build.js'
import type { Finding } from '../sentinel/check/check.js'
import { checkFiles } from '../sentinel/check/files.js'
import { MOST_CHARACTERS } from '../sentinel/check/query.js'
import type { Rule } from '../sentinel/rule.js'
import { current, EXCEPTIONS, exceptionsIn } from './exceptions.js'
import { type Io, print, UsageError } from './io.js'
import { collectIds, onlyThese } from './only.js'
import { jsonOption, OVERRIDES } from './options.js'
import { packageCommand } from './package.js'
import { watchlistCommand } from './watchlist.js'
import { removeOld, writeAll } from './write-files.js'

interface BuildFlags {
  readonly detections: string
  readonly overrides?: string
  readonly exceptions?: string
  readonly out: string
  readonly only?: readonly string[]
  readonly format: string
  readonly json?: boolean
}

interface CheckFlags {
  readonly format: string
}

const AFTER_BUILD = `
Examples:
  agentwarden rules build
  agentwarden rules build --only sign-in-spike --format yaml,kql --out /tmp/rules

Writes rules/ID.yaml, arm/ID.json, arm/all-rules.json, rules.bicep, queries/ID.kql and README.md, and removes the
files of rules that are no more. With --only, just the files of those rules: nothing is removed.
Exit code: 0 done, 1 failed, 2 wrong usage.`

const AFTER_CHECK = `
Examples:
  agentwarden rules check
  agentwarden rules check "Analytic Rules" --format json

Reads rules in the YAML of the Azure-Sentinel repository, resource templates with alertRules, and .kql files: limits
of the service, columns that the query does not yield, and the query itself by Microsoft's parser.
Exit code: 0 no errors, 1 errors, 2 wrong usage.`

/** `agentwarden rules`: detections as rules of Microsoft Sentinel, what is deployed with them, and rules checked. */
export function rulesCommand(io: Io, exit: (code: number) => void): Command {
  const command = new Command('rules').description(
    'write detections as Microsoft Sentinel rules, check rules',
  )
  command
    .command('build')
    .description('write the detections as analytics rules that can be deployed')
    .option('--detections <dir>', 'where they are', PACK)
    .option('--overrides <file>', OVERRIDES)
    .option('--exceptions <file>', EXCEPTIONS)
    .option('--out <dir>', 'where to write', 'kql')
    .option('--only <ids...>', 'just these, divided by commas or given again', collectIds)
    .option('--format <list>', 'some of yaml,arm,bicep,kql', FORMATS.join(','))
    .option('--json', 'print what was written and removed as JSON')
    .addHelpText('after', AFTER_BUILD)
    .action(async (flags: BuildFlags) => build(io, flags))
  command
    .command('check')
    .description('say what is wrong with analytics rules, of whomever they are')
    .argument('[path...]', 'files and folders', ['kql'])
    .option('--format <format>', 'text or json', 'text')
    .addOption(jsonOption('json'))
    .addHelpText('after', AFTER_CHECK)
    .action(async (paths: string[], flags: CheckFlags) => exit(await check(io, paths, flags)))
  return command.addCommand(packageCommand(io)).addCommand(watchlistCommand(io))
}

async function build(io: Io, flags: BuildFlags): Promise<void> {
  const formats = formatsOf(flags.format)
  const detections = await loadDetections(flags.detections, flags.overrides)
  const suppressions = current(await exceptionsIn(io, flags.exceptions, detections), io.now())
  const rules = rulesOf(chosen(detections, flags.only), (detection) =>
    compileDetection(detection, { suppressions }),
  )
  for (const rule of rules) {
    if (rule.query.length > MOST_CHARACTERS) throw new UsageError(tooLong(rule))
  }
  const own = filesOfRules(rules, formats)
  const files = flags.only ? own : new Map([...own, ...filesOfPack(rules, detections, formats)])
  await writeAll(flags.out, files)
  const removed = flags.only ? [] : await removeOld(flags.out, files, foldersOf(formats))
  const written = Array.from(files.keys(), (path) => join(flags.out, path))
  if (flags.json)
    await print(io.stdout, JSON.stringify({ rules: rules.length, written, removed }, undefined, 2))
  else for (const path of written) await print(io.stdout, path)
  for (const path of removed) await print(io.stderr, `removed ${path}`)
  await print(io.stderr, `${rules.length} rules, ${files.size} files${leftOut(detections, flags.only)}`)
}

function tooLong({ detection, query }: Rule): string {
  return `${detection}: the query has ${query.length} characters, a rule may have ${MOST_CHARACTERS}; use fewer exceptions`
}

function formatsOf(list: string): Format[] {
  const names = list.split(',').map((name) => name.trim())
  const unknown = names.filter((name) => !(FORMATS as readonly string[]).includes(name))
  if (unknown.length > 0) {
    throw new UsageError(`unknown format ${unknown.join(', ')}; known are ${FORMATS.join(', ')}`)
  }
  return FORMATS.filter((format) => names.includes(format))
}

function chosen(all: readonly Detection[], only: readonly string[] | undefined): readonly Detection[] {
  const detections = onlyThese(all, only)
  const unsupported = only && detections.find(({ streamOnly }) => streamOnly !== undefined)
  if (unsupported) throw new UsageError(`${unsupported.id} is no rule: ${unsupported.streamOnly}`)
  return detections
}

function leftOut(detections: readonly Detection[], only: readonly string[] | undefined): string {
  const count = only ? 0 : detections.filter(({ streamOnly }) => streamOnly !== undefined).length
  return count > 0 ? `; ${count} detections work in the stream only` : ''
}

async function check(io: Io, paths: readonly string[], { format }: CheckFlags): Promise<number> {
  if (format !== 'text' && format !== 'json') throw new UsageError('--format is text or json')
  const { findings, rules, files } = await checkFiles(paths)
  if (files === 0) throw new UsageError(`there are no rules in ${paths.join(', ')}`)
  if (format === 'json') await print(io.stdout, JSON.stringify(findings, undefined, 2))
  else for (const finding of findings) await print(io.stdout, findingText(finding))
  const errors = findings.filter(({ level }) => level === 'error').length
  const warnings = findings.length - errors
  await print(io.stderr, `${rules} rules in ${files} files: ${errors} errors, ${warnings} warnings`)
  return errors > 0 ? 1 : 0
}

function findingText({ file, line, column, level, code, message, advice }: Finding): string {
  return `${file}:${line}:${column} ${level} ${code}: ${message} (${advice})`
}
