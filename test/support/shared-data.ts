import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const repository = fileURLToPath(new URL('../..', import.meta.url))

/**
 * Data that tests use where it lies and that is not the project's to publish: a directory `shared` beside the
 * repository, with `real-records`, `schemas` and `kql-corpus`.
 */
const shared = path.resolve(repository, '../shared')

/** Says whether a folder of the shared data is absent; if so, says loudly what is not tested without it. */
export function missing(folder: 'real-records' | 'schemas' | 'kql-corpus', tests: string): boolean {
  if (existsSync(path.join(shared, folder))) return false
  console.warn(`SKIPPED: ${tests}, as there is no ../shared/${folder} beside the repository`)
  return true
}

/** The real records, line by line, by the name of their file. */
export function realRecordLines(): { readonly file: string; readonly lines: readonly string[] }[] {
  const folder = path.join(shared, 'real-records')
  const files = readdirSync(folder).filter((file) => file.endsWith('.log'))
  return files.map((file) => {
    const text = readFileSync(path.join(folder, file), 'utf8')
    return { file, lines: text.split('\n').filter((line) => line.trim() !== '') }
  })
}

/** The lines of one file of real records. */
export function linesOf(file: string): readonly string[] {
  return realRecordLines().find((candidate) => candidate.file === file)?.lines ?? []
}

/** Columns and their types of a Log Analytics table, if its schema is there. */
export function schemaOf(table: string): Readonly<Record<string, string>> | undefined {
  const file = path.join(shared, 'schemas', `${table}.json`)
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).columns : undefined
}

/** Queries and what the real Kusto engine answered. */
export function recordedAnswers(): unknown[] {
  const text = readFileSync(path.join(shared, 'kql-corpus', 'answers.ndjson'), 'utf8')
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]))
}
