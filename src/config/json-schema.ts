import { z } from 'zod'
import { loadRegistry } from './registry.js'
import { configSchema } from './schema.js'

/** The schema of the configuration file for editors, as JSON text: made from what checks the file. */
export async function configJsonSchema(): Promise<string> {
  const schema = z.toJSONSchema(configSchema(await loadRegistry()), { io: 'input', unrepresentable: 'any' })
  const titled = { ...schema, title: 'agentwarden.yaml' }
  return `${JSON.stringify(titled, undefined, 2)}\n`
}
