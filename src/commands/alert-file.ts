import { z } from 'zod'
import { type Alert, SEVERITIES } from '../alerts/alert.js'
import { type FileProblem, ProblemsError, readText } from '../config/yaml.js'
import { UsageError } from './io.js'

const values = z.record(z.string(), z.union([z.string(), z.number()]))

/** What the commands rely on; alerts are written by agentwarden itself. */
const alertSchema = z.looseObject({
  id: z.string().min(1),
  detection: z.string().min(1),
  title: z.string(),
  severity: z.enum(SEVERITIES),
  tenantId: z.string(),
  agentId: z.string(),
  agentName: z.string().optional(),
  time: z.iso.datetime(),
  hour: z.iso.datetime(),
  entity: values,
  observed: z.union([z.string(), z.number()]),
  expected: values,
  reason: z.string(),
  count: z.number(),
  evidence: z.array(z.looseObject({ table: z.string(), id: z.string().optional(), time: z.string() })),
})

/** The fewest characters of an id that stand for all of it. */
const LEAST_OF_ID = 6

/**
 * Reads alerts as `replay --out` writes them, by id; of one that stands there twice, the last.
 * @throws ProblemsError for lines that are no alerts, each with its number.
 */
export async function readAlerts(file: string): Promise<ReadonlyMap<string, Alert>> {
  const alerts = new Map<string, Alert>()
  const problems: FileProblem[] = []
  for (const [index, line] of (await readText(file)).split('\n').entries()) {
    if (line.trim() === '') continue
    const alert = alertIn(line)
    if (typeof alert === 'string') problems.push({ file, line: index + 1, column: 1, message: alert })
    else alerts.set(alert.id, alert)
  }
  if (problems.length > 0) throw new ProblemsError(problems.slice(0, 10))
  return alerts
}

/** The alert, or what is wrong with it. */
function alertIn(line: string): Alert | string {
  try {
    const { success, data, error } = alertSchema.safeParse(JSON.parse(line))
    if (success) return data as unknown as Alert
    const [issue] = error.issues
    return `no alert as replay --out writes them: ${issue?.path.join('.')}: ${issue?.message}`
  } catch (error) {
    return `no JSON: ${(error as Error).message}`
  }
}

/** The alert with an id, of which the first six characters are enough. @throws UsageError if it is not the only one. */
export async function findAlert(file: string, id: string): Promise<Alert> {
  const alerts = await readAlerts(file)
  const exact = alerts.get(id)
  if (exact) return exact
  const found = [...alerts.values()].filter((one) => id.length >= LEAST_OF_ID && one.id.startsWith(id))
  if (found.length === 1) return found[0]!
  throw new UsageError(
    found.length === 0 ? `there is no alert ${id} in ${file}` : `several alerts begin with ${id} in ${file}`,
  )
}
