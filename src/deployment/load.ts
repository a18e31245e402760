import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import type { Sources } from './package.js'
import type { TableFile } from './resources/alert-tables.js'
import type { HuntingQuery } from './resources/sentinel.js'
import type { Release } from './solution.js'

const tableSchema = z.object({
  name: z.string(),
  description: z.string(),
  stream: z.string(),
  columns: z.array(z.object({ name: z.string(), type: z.string(), description: z.string() })).min(1),
})

const huntingSchema = z.object({
  name: z.string(),
  description: z.string(),
  query: z.string(),
  tactics: z.array(z.string()),
  relevantTechniques: z.array(z.string()),
})

/**
 * Reads what of a deployment is written by hand.
 *
 * @param folder - `deploy`
 * @throws Error that names the file which is missing or is not as it must be
 */
export async function loadSources(folder: string): Promise<Sources> {
  const solution = join(folder, 'solution')
  const [hunting, workbooks] = await Promise.all(
    ['Hunting Queries', 'Workbooks'].map((kind) => filesIn(solution, kind, /\.(ya?ml|json)$/)),
  )
  return {
    tables: await tablesIn(join(folder, 'tables')),
    configuration: await readFile(join(folder, 'azure', 'agentwarden.yaml'), 'utf8'),
    huntingQueries: await Promise.all(hunting!.map((path) => huntingQuery(solution, path))),
    workbook: await readFile(join(solution, 'Workbooks', 'Agentwarden.json'), 'utf8'),
    written: { 'Hunting Queries': hunting!, Workbooks: workbooks! },
    copied: new Map([
      ...(await copies(folder, 'rules', /\.yaml$/, 'Analytic Rules')),
      ...(await copies(folder, 'playbooks', /\.json$/, 'Playbooks')),
    ]),
    release: releaseOf(await readFile(join(solution, 'ReleaseNotes.md'), 'utf8')),
  }
}

/** The files of a folder whose names match, by their paths below `root`; none if there is no such folder. */
async function filesIn(root: string, folder: string, names: RegExp): Promise<string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => entry.isFile() && names.test(entry.name))
    .map(({ name }) => `${folder}/${name}`)
    .sort()
}

/** What lies in a folder of `deploy`, by its path in the solution. */
async function copies(
  root: string,
  folder: string,
  names: RegExp,
  kind: string,
): Promise<(readonly [string, string])[]> {
  const paths = await filesIn(root, folder, names)
  return Promise.all(
    paths.map(
      async (path) => [path.replace(folder, kind), await readFile(join(root, path), 'utf8')] as const,
    ),
  )
}

async function tablesIn(folder: string): Promise<TableFile[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort()
  return Promise.all(names.map(async (name) => checked(join(folder, name), tableSchema, JSON.parse)))
}

async function huntingQuery(solution: string, path: string): Promise<HuntingQuery> {
  const said = await checked(join(solution, path), huntingSchema, (text) => parse(text))
  const file = path.replace(/^.*\//, '').replace(/\.yaml$/, '')
  const { name, description, query, tactics, relevantTechniques: techniques } = said
  return { file, name, description, query, tactics, techniques }
}

async function checked<Out>(
  file: string,
  schema: z.ZodType<Out>,
  read: (text: string) => unknown,
): Promise<Out> {
  const text = await readFile(file, 'utf8')
  try {
    return schema.parse(read(text))
  } catch (cause) {
    throw new Error(
      `${file}: ${cause instanceof z.ZodError ? z.prettifyError(cause) : (cause as Error).message}`,
      {
        cause,
      },
    )
  }
}

/** The newest row of the release notes: `| 3.0.0 | 25-11-2026 | … |`. */
function releaseOf(notes: string): Release {
  const row = /^\| *(\d+\.\d+\.\d+) *\| *(\d\d)-(\d\d)-(\d{4}) *\|/m.exec(notes)
  if (!row) throw new Error('ReleaseNotes.md: no row with a version and a date, | 3.0.0 | 25-11-2026 |')
  const [, version, day, month, year] = row
  return { version: version!, date: `${year}-${month}-${day}` }
}
