import { CsvError, parse as parseCsv } from 'csv-parse/sync'
import { z } from 'zod'
import { byPlace, type FileProblem, ProblemsError, readText, YamlFile } from '../config/yaml.js'
import { parseRange } from '../where/address.js'
import { ENTRA_KINDS, Inventory, type InventoryEntry } from './inventory.js'

const word = z.string().trim().min(1)
const clock = z.string().regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'a time of day reads like 08:30')
const DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return true
  } catch {
    return false
  }
}

const credential = z.strictObject({
  kind: z.enum(['secret', 'certificate', 'federated']),
  id: word,
  name: z.string().optional(),
  from: word.optional(),
  until: word.optional(),
})

const permission = z.strictObject({
  resource: word,
  resource_id: word.optional(),
  permission: word,
  type: z.enum(['application', 'delegated']),
})

const entra = z.strictObject({
  kind: z.enum(ENTRA_KINDS),
  enabled: z.boolean(),
  created: word.optional(),
  blueprint: word.optional(),
  owners: z.array(word).default([]),
  sponsors: z.array(word).default([]),
  tags: z.array(word).default([]),
  credentials: z.array(credential).default([]),
  permissions: z.array(permission).default([]),
})

/** One agent as the inventory lists it. */
export const inventoryEntry = z.strictObject({
  id: word,
  app_id: word.optional(),
  name: word.optional(),
  owner: word.optional(),
  sponsor: word.optional(),
  tier: word.optional(),
  status: z.enum(['active', 'disabled', 'retired']).default('active'),
  hours: z
    .strictObject({
      days: z
        .array(z.enum(DAYS))
        .min(1)
        .default([...DAYS]),
      from: clock,
      to: clock,
      zone: z.string().refine(isZone, 'not a time zone; they read like Europe/Berlin').default('UTC'),
    })
    .optional(),
  networks: z
    .array(z.string().refine((text) => parseRange(text) !== undefined, 'not an address range'))
    .optional(),
  resources: z.array(word).optional(),
  entra: entra.optional(),
})

const inventorySchema = z.strictObject({ agents: z.array(inventoryEntry) })

/**
 * Reads an inventory: YAML with a list `agents`, or CSV with a line of column names, in which `networks` and
 * `resources` are separated by spaces or semicolons.
 * @throws ProblemsError with every problem, each with its line and column.
 */
export async function loadInventory(file: string): Promise<Inventory> {
  const text = await readText(file)
  return new Inventory(file.toLowerCase().endsWith('.csv') ? fromCsv(file, text) : fromYaml(file, text))
}

function fromYaml(file: string, text: string): readonly InventoryEntry[] {
  const yaml = new YamlFile(file, text)
  const agents = yaml.check(inventorySchema)?.agents ?? []
  const said = listed.safeParse(yaml.value).data?.agents ?? []
  for (const [index, id] of repeated(said)) yaml.report(['agents', index, 'id'], `${id} is listed twice`)
  if (yaml.problems.length > 0) throw new ProblemsError(yaml.problems.sort(byPlace))
  return agents
}

/** The ids alone, so that a second listing is told along with all else that is wrong. */
const listed = z.object({ agents: z.array(z.object({ id: word.optional().catch(undefined) })) })

function repeated(agents: readonly { readonly id?: string | undefined }[]): [index: number, id: string][] {
  const seen = new Set<string>()
  const again: [index: number, id: string][] = []
  for (const [index, { id }] of agents.entries()) {
    const known = id?.toLowerCase()
    if (known === undefined) continue
    if (seen.has(known)) again.push([index, known])
    seen.add(known)
  }
  return again
}

interface CsvLine {
  readonly record: Record<string, string>
  readonly info: { readonly lines: number }
}

function fromCsv(file: string, text: string): readonly InventoryEntry[] {
  const problems: FileProblem[] = []
  const entries: InventoryEntry[] = []
  const lines = csvLines(file, text)
  for (const { record, info } of lines) {
    const checked = inventoryEntry.safeParse(fieldsOf(record))
    if (checked.success) entries.push(checked.data)
    for (const issue of checked.error?.issues ?? []) {
      problems.push({ file, line: info.lines, column: 1, message: issueText(issue) })
    }
  }
  for (const [index, id] of repeated(lines.map(({ record }) => ({ id: record.id || undefined })))) {
    problems.push({ file, line: lines[index]!.info.lines, column: 1, message: `${id} is listed twice` })
  }
  if (problems.length > 0) throw new ProblemsError(problems.sort(byPlace))
  return entries
}

function csvLines(file: string, text: string): CsvLine[] {
  try {
    return parseCsv(text, {
      bom: true,
      columns: true,
      info: true,
      skip_empty_lines: true,
      trim: true,
    }) as never
  } catch (error) {
    const line = error instanceof CsvError ? Number(error.lines ?? 1) : 1
    throw new ProblemsError([{ file, line, column: 1, message: (error as Error).message }])
  }
}

const LISTS = new Set(['networks', 'resources'])

/** Empty cells are absent. */
function fieldsOf(record: Record<string, string>): Record<string, unknown> {
  const filled = Object.entries(record).filter(([, value]) => value !== '')
  return Object.fromEntries(
    filled.map(([key, value]) => [key, LISTS.has(key) ? value.split(/[;\s]+/) : value]),
  )
}

function issueText(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return `unknown column ${issue.keys.join(', ')}`
  return `${issue.path.join('.')}: ${issue.message}`
}
