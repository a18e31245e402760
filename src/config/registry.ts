import { readdir } from 'node:fs/promises'
import type { SinkKind, SourceKind } from '../daemon/kind.js'

/** The sorts of sources and sinks that there are, by the name under which the configuration knows them. */
export interface Registry {
  readonly sources: ReadonlyMap<string, SourceKind>
  readonly sinks: ReadonlyMap<string, SinkKind>
}

/**
 * Every kind of source and sink: each is exported by a module in `src/sources/` or `src/sinks/`, so that adding one is
 * adding a file.
 */
export async function loadRegistry(): Promise<Registry> {
  return {
    sources: await kindsIn<SourceKind>(new URL('../sources/', import.meta.url)),
    sinks: await kindsIn<SinkKind>(new URL('../sinks/', import.meta.url)),
  }
}

async function kindsIn<Kind extends SourceKind | SinkKind>(folder: URL): Promise<ReadonlyMap<string, Kind>> {
  const files = (await readdir(folder)).filter(
    (name) => /^[a-z0-9-]+\.(js|ts)$/.test(name) && !name.endsWith('.d.ts'),
  )
  const modules = await Promise.all(files.sort().map((name) => import(new URL(name, folder).href)))
  const kinds = modules.flatMap((module: object) => Object.values(module).filter(isKind))
  return new Map(kinds.map((kind) => [kind.kind, kind as Kind]))
}

function isKind(exported: unknown): exported is SourceKind | SinkKind {
  if (typeof exported !== 'object' || exported === null) return false
  return 'kind' in exported && 'settings' in exported && 'open' in exported
}
