import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { byPlace, type FileProblem, ProblemsError, readText, unreadable, YamlFile } from '../config/yaml.js'
import { packagePath } from '../package-root.js'
import type { Kind } from '../scoring/kind.js'
import { views } from '../views/index.js'
import type { Detection } from './detection.js'
import { overridden } from './overrides.js'
import { readDetection } from './read.js'

/** The pack that comes with the package. */
export const PACK = packagePath('detections')

/**
 * Every kind of detection: each module in `kinds/` exports one as `kind`, so that adding one is adding a file.
 */
export async function loadKinds(): Promise<ReadonlyMap<string, Kind>> {
  const folder = new URL('../kinds/', import.meta.url)
  const files = (await readdir(folder)).filter(
    (name) => /^[a-z-]+\.(js|ts)$/.test(name) && !name.endsWith('.d.ts'),
  )
  const modules = await Promise.all(files.sort().map((name) => import(new URL(name, folder).href)))
  return new Map(modules.map(({ kind }: { kind: Kind }) => [kind.name, kind]))
}

/**
 * The detection files below a folder, sorted: all YAML files but those of test events.
 * @throws ProblemsError if the folder can't be read.
 */
export async function detectionFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw new ProblemsError([{ file: folder, line: 1, column: 1, message: unreadable(cause) }], { cause })
  })
  return names
    .filter((name) => /\.ya?ml$/.test(name) && !/\.test\.ya?ml$/.test(name))
    .sort()
    .map((name) => join(folder, name))
}

/**
 * Loads all detections below a folder, sorted by id, with what an overrides file says of them.
 * @throws ProblemsError with every problem of every file; the overrides are read once the detections are right.
 */
export async function loadDetections(folder: string = PACK, overrides?: string): Promise<Detection[]> {
  const detections = await readDetections(folder)
  if (overrides === undefined) return detections
  const yaml = new YamlFile(overrides, await readText(overrides))
  const changed = overridden(yaml, detections)
  if (yaml.problems.length > 0) throw new ProblemsError([...yaml.problems].sort(byPlace))
  return changed
}

async function readDetections(folder: string): Promise<Detection[]> {
  const vocabulary = { views, kinds: await loadKinds() }
  const detections: Detection[] = []
  const problems: FileProblem[] = []
  for (const file of await detectionFiles(folder)) {
    const yaml = new YamlFile(file, await readText(file))
    const detection = readDetection(yaml, vocabulary)
    const twin = detection && detections.find(({ id }) => id === detection.id)
    if (twin) yaml.report(['id'], `the id ${twin.id} is also that of ${twin.file}`)
    else if (detection) detections.push(detection)
    problems.push(...yaml.problems.sort(byPlace))
  }
  if (detections.length + problems.length === 0) {
    problems.push({ file: folder, line: 1, column: 1, message: 'there are no detections here' })
  }
  if (problems.length > 0) throw new ProblemsError(problems)
  return detections.sort((a, b) => (a.id < b.id ? -1 : 1))
}
