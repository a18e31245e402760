import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const SRC = fileURLToPath(new URL('../src', import.meta.url))

/**
 * The inner part of the source from the inside out: a file imports only files of its own layer's folder and of
 * layers before it. Layers are made of files where a folder straddles: records are decoded by way of the tables,
 * and a kind says what a detection is before the scorer can bind one to its memory.
 */
const LAYERS: readonly (readonly RegExp[])[] = [
  [/^collections\.ts$/, /^kql\/text\.ts$/],
  [/^kql\/query\.ts$/],
  [/^records\/(?!decode\.ts)/],
  [/^tables\//],
  [/^records\/decode\.ts$/, /^views\//],
  [/^where\//],
  [/^agents\/(inventory|watchlist)\.ts$/, /^alerts\//, /^baselines\//],
  [/^kql\/(condition|allowance)\.ts$/],
  [/^kql\/measure\.ts$/],
  [/^scoring\/(?!scorer\.ts|view-plan\.ts|alert-book\.ts|agent-risks\.ts)/],
  [/^kql\/companions\.ts$/],
  [/^kinds\//, /^detections\/detection\.ts$/],
  [
    /^scoring\/(scorer|view-plan|alert-book|agent-risks)\.ts$/,
    /^kql\/view-text\.ts$/,
    /^kql\/(reason|suppressions)\.ts$/,
  ],
  [/^kql\/compile\.ts$/],
]

const PACKAGES = new Set(['simple-statistics', 'zod', 'node:buffer', 'node:crypto'])

/** What reads a clock, chance or the surroundings, or reaches outside. */
const SURROUNDINGS =
  /\bDate\.now\b|\bnew Date\(\s*\)|\bDate\(\s*\)|\bperformance\b|\bMath\.random\b|\bset(Timeout|Interval|Immediate)\b|\bprocess\b\s*[.[]|\bfetch\(|\bWebSocket\b|\brequire\(|\bglobalThis\b|\bimport\(|\brandomUUID\b|\brandomBytes\b|\bIntl\.DateTimeFormat\(\s*\)/

const layerOf = (file: string) =>
  LAYERS.findIndex((patterns) => patterns.some((pattern) => pattern.test(file)))

/** The code without its comments: they may speak of clocks. */
function codeOf(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '')
}

function importsOf(code: string): string[] {
  return Array.from(code.matchAll(/(?:\bfrom|^import)\s+['"]([^'"\n]+)['"]/gm), ([, name]) => name!)
}

/** Whether one inner file may import another. */
function inward(from: string, to: string): boolean {
  const [outer, inner] = [layerOf(from), layerOf(to)]
  if (inner < 0 || inner > outer) return false
  return inner < outer || posix.dirname(from) === posix.dirname(to)
}

/** What a file of the inner part does that it must not. */
function faultsOf(file: string, text: string): string[] {
  const code = codeOf(text)
  const imports = importsOf(code).flatMap((name) => {
    if (!name.startsWith('.')) return PACKAGES.has(name) ? [] : [`imports ${name}`]
    const target = posix.join(posix.dirname(file), name).replace(/\.js$/, '.ts')
    return inward(file, target) ? [] : [`imports ${target}, which does not lie further inside`]
  })
  const surroundings = SURROUNDINGS.exec(code)
  return surroundings ? [...imports, `uses ${surroundings[0]}`] : imports
}

const inner = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .map((name) => name.replaceAll('\\', '/'))
  .filter((name) => name.endsWith('.ts') && layerOf(name) >= 0)
  .sort()

describe('the inner part of the source', () => {
  it.each(inner)(
    '%s sees no clock, chance, file, network or vendor, and imports only what lies further inside',
    (file) => {
      expect(faultsOf(file, readFileSync(join(SRC, file), 'utf8'))).toEqual([])
    },
  )

  it.each(LAYERS.flat().map((pattern) => ({ pattern })))('has files in $pattern', ({ pattern }) => {
    expect(inner.some((file) => pattern.test(file))).toBe(true)
  })
})

describe('what changes with a vendor', () => {
  it.each([['@azure/monitor-query', 'workspace/client.ts']])('%s is known to %s alone', (name, only) => {
    const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
      .map((file) => file.replaceAll('\\', '/'))
      .filter((file) => file.endsWith('.ts'))
    const users = files.filter((file) =>
      importsOf(codeOf(readFileSync(join(SRC, file), 'utf8'))).includes(name),
    )
    expect(users).toEqual([only])
  })
})

/** The evaluator, and what it stands on. */
const evaluator = readdirSync(join(SRC, 'kql'), { recursive: true, encoding: 'utf8' })
  .map((name) => `kql/${name.replaceAll('\\', '/')}`)
  .filter((name) => /^kql\/(evaluate\/.*|language|library|syntax)\.ts$/.test(name))
  .sort()

/** What KQL is run with proves nothing about the scorer if it is made of the same code. */
describe('the evaluator of KQL', () => {
  it.each(evaluator)('%s imports only what is KQL, and the tables', (file) => {
    const imported = importsOf(codeOf(readFileSync(join(SRC, file), 'utf8'))).filter((name) =>
      name.startsWith('.'),
    )
    const targets = imported.map((name) => posix.join(posix.dirname(file), name))
    expect(targets.filter((target) => !/^(kql|tables)\//.test(target))).toEqual([])
  })
})

describe('the check of a file', () => {
  it.each([
    ["import { readFile } from 'node:fs/promises'", 'imports node:fs/promises'],
    ["import fs from 'fs'", 'imports fs'],
    ["import 'node:http'", 'imports node:http'],
    ["import { spawn } from 'node:child_process'", 'imports node:child_process'],
    ["import { Worker } from 'node:worker_threads'", 'imports node:worker_threads'],
    ["import { EventHubConsumerClient } from '@azure/event-hubs'", 'imports @azure/event-hubs'],
    ["import {\n  Kafka,\n} from 'kafkajs'", 'imports kafkajs'],
    ["export * from 'yaml'", 'imports yaml'],
    ["const fs = await import('node:fs')", 'uses import('],
    ["import { Scorer } from './scorer.js'", 'imports scoring/scorer.ts, which does not lie further inside'],
    [
      "import type { Kind } from '../kinds/spike.js'",
      'imports kinds/spike.ts, which does not lie further inside',
    ],
    [
      "import { YamlFile } from '../config/yaml.js'",
      'imports config/yaml.ts, which does not lie further inside',
    ],
    ['const now = Date.now()', 'uses Date.now'],
    ['const now = new Date()', 'uses new Date()'],
    ['const now = performance.now()', 'uses performance'],
    ['const id = Math.random()', 'uses Math.random'],
    ['setTimeout(run, 5)', 'uses setTimeout'],
    ["if (process.env.CI) stop('now')", 'uses process.'],
  ])('finds fault with %s', (text, fault) => {
    expect(faultsOf('scoring/memory.ts', text)).toEqual([fault])
  })

  it.each([
    "import { z } from 'zod'",
    "import { median } from 'simple-statistics'",
    "import { createHash } from 'node:crypto'",
    "import type { ViewRow } from '../views/view.js'",
    "import { valueIn } from './values.js'",
    'const day = new Date(hour * 3_600_000)',
    '/** Not by Date.now(): replay equals live. */',
    '// process.exit would lose rows',
  ])('finds no fault with %s', (text) => {
    expect(faultsOf('scoring/memory.ts', text)).toEqual([])
  })
})
