import { z } from 'zod'
import { ProblemsError, readText, YamlFile } from '../config/yaml.js'
import type { Detection } from './detection.js'

const sentence = z.string().trim().min(1)

const capability = z.strictObject({
  /** What others find. */
  what: sentence,
  /** Found in the same sense, in another form, or not. */
  has: z.enum(['same', 'form', 'not']),
  /** The detections that find it. */
  by: z.array(z.string()).min(1).optional(),
  why: sentence.optional(),
})

const capabilitiesFile = z.strictObject({
  capabilities: z.array(capability).min(1),
  missing: z.array(z.strictObject({ what: sentence, why: sentence })).default([]),
})

/** What others find, with what the pack has of it; and what it leaves out. */
export type Capabilities = z.infer<typeof capabilitiesFile>

/**
 * Reads a comparison with other packs.
 * @throws ProblemsError if a line names a detection that there is not, or does not say why it differs.
 */
export async function readCapabilities(
  file: string,
  detections: readonly Detection[],
): Promise<Capabilities> {
  const yaml = new YamlFile(file, await readText(file))
  const said = yaml.check(capabilitiesFile)
  const known = new Set(detections.map(({ id }) => id))
  for (const [index, { has, by = [], why }] of (said?.capabilities ?? []).entries()) {
    const path = ['capabilities', index]
    for (const id of by) if (!known.has(id)) yaml.report([...path, 'by'], `there is no detection ${id}`)
    if (has === 'not' && by.length > 0) yaml.report([...path, 'by'], 'what is not found is found by none')
    if (why === undefined && (has !== 'same' || by.length === 0)) yaml.report(path, 'it does not say why')
  }
  if (!said || yaml.problems.length > 0) throw new ProblemsError(yaml.problems)
  return said
}
