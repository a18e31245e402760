import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { HOUR_MS } from '../src/records/time.js'
import { servicePrincipalSignIn } from '../src/simulate/records/index.js'

/** Sign-ins of service principals as one NDJSON file, in order of event time. */
export interface RecordsFile {
  readonly path: string
  readonly records: number
  readonly agents: number
  readonly days: number
  readonly bytes: number
}

/** Start of simulated time: a Monday. */
export const START = Date.UTC(2026, 9, 5)

/** Between two sign-ins of one agent, so that it comes at the same three hours of every day. */
const PERIOD_MS = 8 * HOUR_MS

const RESOURCES = [
  'Microsoft Graph',
  'Azure Key Vault',
  'Azure Storage',
  'Windows Azure Service Management API',
]
const BATCH_BYTES = 4 * 1024 * 1024

/** What stays the same of an agent. */
interface Actor {
  readonly id: string
  readonly appId: string
  readonly keyId: string
  readonly name: string
  readonly resourceId: string
  readonly resourceName: string
}

/** Writes `records` sign-ins over `days` days; the number of agents follows from the pace of each. */
export async function writeRecords(path: string, records: number, days: number): Promise<RecordsFile> {
  const agents = Math.round((records * PERIOD_MS) / (days * 24 * HOUR_MS))
  const actors = actorsOf(agents)
  const step = (days * 24 * HOUR_MS) / records
  const out = createWriteStream(path)
  let bytes = 0
  let batch = ''
  for (let i = 0; i < records; i++) {
    batch += `${recordOf(actors[i % agents]!, Math.floor(START + i * step))}\n`
    if (batch.length < BATCH_BYTES && i + 1 < records) continue
    bytes += Buffer.byteLength(batch)
    if (!out.write(batch)) await once(out, 'drain')
    batch = ''
  }
  out.end()
  await once(out, 'close')
  return { path, records, agents, days, bytes }
}

function recordOf(actor: Actor, time: number): string {
  return JSON.stringify(
    servicePrincipalSignIn({
      time,
      id: randomUUID(),
      correlationId: randomUUID(),
      servicePrincipalId: actor.id,
      servicePrincipalName: actor.name,
      appId: actor.appId,
      keyId: actor.keyId,
      resourceAppId: actor.resourceId,
      resourceName: actor.resourceName,
    }),
  )
}

function actorsOf(agents: number): Actor[] {
  const resources = RESOURCES.map((resourceName) => ({ resourceId: randomUUID(), resourceName }))
  return Array.from({ length: agents }, (_, i) => ({
    id: randomUUID(),
    appId: randomUUID(),
    keyId: randomUUID(),
    name: `bench-agent-${i}`,
    ...resources[i % resources.length]!,
  }))
}
