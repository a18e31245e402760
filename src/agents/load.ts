import { readFile } from 'node:fs/promises'
import { CsvError, parse as parseCsv } from 'csv-parse/sync'
import { z } from 'zod'
import { type FileProblem, ProblemsError, YamlFile } from '../config/yaml.js'
import { parseRange } from '../where/address.js'
import { Inventory, type InventoryEntry } from './inventory.js'

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

const entry = z.strictObject({
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
})

const inventorySchema = z.strictObject({ agents: z.array(entry) })

/**
 * Reads an inventory: YAML with a list `agents`, or CSV with a line of column names, in which `networks` and
 * `resources` are separated by spaces or semicolons.
 * @throws ProblemsError with every problem, each with its line and column.
 */
export async function loadInventory(file: string): Promise<Inventory> {
  const text = await readFile(file, 'utf8')
  return new Inventory(file.toLowerCase().endsWith('.csv') ? fromCsv(file, text) : fromYaml(file, text))
}

function fromYaml(file: string, text: string): readonly InventoryEntry[] {
  const yaml = new YamlFile(file, text)
  const agents = yaml.check(inventorySchema)?.agents ?? []
  for (const [index, id] of repeated(agents)) yaml.report(['agents', index, 'id'], `${id} is listed twice`)
  if (yaml.problems.length > 0) throw new ProblemsError(yaml.problems)
  return agents
}

function repeated(agents: readonly InventoryEntry[]): [index: number, id: string][] {
  const ids = agents.map(({ id }) => id.toLowerCase())
  return ids.flatMap((id, index) => (ids.indexOf(id) < index ? [[index, id] as [number, string]] : []))
}

interface CsvLine {
  readonly record: Record<string, string>
  readonly info: { readonly lines: number }
}

function fromCsv(file: string, text: string): readonly InventoryEntry[] {
  const problems: FileProblem[] = []
  const entries: InventoryEntry[] = []
  const lines: number[] = []
  for (const { record, info } of csvLines(file, text)) {
    const checked = entry.safeParse(fieldsOf(record))
    if (checked.success) {
      entries.push(checked.data)
      lines.push(info.lines)
    }
    for (const issue of checked.error?.issues ?? []) {
      problems.push({ file, line: info.lines, column: 1, message: issueText(issue) })
    }
  }
  for (const [index, id] of repeated(entries)) {
    problems.push({ file, line: lines[index]!, column: 1, message: `${id} is listed twice` })
  }
  if (problems.length > 0) throw new ProblemsError(problems)
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
