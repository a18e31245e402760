import type { z } from 'zod'
import type { SinkKind, SourceKind } from '../daemon/kind.js'
import { loadRegistry, type Registry } from './registry.js'
import { type ConfigSchema, configSchema } from './schema.js'
import { byPlace, ProblemsError, readText, YamlFile } from './yaml.js'

/** A source or sink that the configuration asks for: its kind, its name and its own settings. */
export interface Chosen<Kind> {
  readonly kind: Kind
  readonly name: string
  readonly settings: Readonly<Record<string, unknown>>
}

/** The configuration of a daemon: checked, with all defaults filled in. Lengths of time are milliseconds. */
export interface Config extends Omit<z.output<ConfigSchema>, 'sources' | 'sinks' | '$schema'> {
  readonly sources: readonly Chosen<SourceKind>[]
  readonly sinks: readonly Chosen<SinkKind>[]
}

/**
 * Reads a configuration file.
 * @throws ProblemsError with every problem, each with its line and column.
 */
export async function loadConfig(file: string): Promise<Config> {
  const registry = await loadRegistry()
  const yaml = new YamlFile(file, await readText(file))
  const checked = yaml.check(configSchema(registry))
  if (!checked) throw new ProblemsError([...yaml.problems].sort(byPlace))
  return configOf(checked, registry)
}

/** What is run without a configuration file: files are followed, alerts go to standard output. */
export async function defaultConfig(paths: readonly string[]): Promise<Config> {
  const registry = await loadRegistry()
  const said = { sources: [{ kind: 'files', paths }], sinks: [{ kind: 'stdout' }] }
  return configOf(configSchema(registry).parse(said), registry)
}

function configOf({ $schema: _, ...checked }: z.output<ConfigSchema>, { sources, sinks }: Registry): Config {
  return {
    ...checked,
    sources: checked.sources.map((said) => chosen(said, sources)),
    sinks: checked.sinks.map((said) => chosen(said, sinks)),
  }
}

function chosen<Kind>(
  { kind, name, ...settings }: z.output<ConfigSchema>['sources'][number],
  kinds: ReadonlyMap<string, Kind>,
): Chosen<Kind> {
  return { kind: kinds.get(kind)!, name: name ?? kind, settings }
}
