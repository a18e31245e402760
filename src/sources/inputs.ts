import { realpath, stat } from 'node:fs/promises'
import { isAbsolute, relative, resolve, sep } from 'node:path'
import { glob, isDynamicPattern } from 'tinyglobby'

/** The pattern that stands for standard input. */
export const STDIN = '-'

/** What is taken from a directory. */
const LOG_FILES = '**/*.{json,jsonl,ndjson,log}{,.gz}'
/** The ground truth beside simulated logs: looks like log files, is none. */
const TRUTH = ['**/labels.ndjson', '**/changes.ndjson']

/** One file to read, or standard input. */
export interface Input {
  /** For messages: the path relative to the working directory when inside it, else absolute. */
  name: string
  /** Absolute; `-` for standard input. */
  path: string
  /** Bytes on disk; undefined when it cannot be known (standard input, pipes). */
  size: number | undefined
}

export type InputErrorCode = 'missing' | 'no-match' | 'no-logs' | 'unreadable' | 'corrupt-gzip'

/** An input that cannot be found or read; the message names it. */
export class InputError extends Error {
  override readonly name = 'InputError'

  constructor(
    readonly code: InputErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

/**
 * The files that the patterns (FILE, DIR, GLOB or `-`) stand for, sorted by path and each one once, whatever
 * the order of the patterns and however often a file is named, also through symbolic links. A file that is
 * named is taken whatever its name.
 * @throws InputError that names every pattern without a file
 */
export async function resolveInputs(patterns: string[], cwd = process.cwd()): Promise<Input[]> {
  const settled = await Promise.allSettled(patterns.map((pattern) => filesOf(pattern, cwd)))
  failOnce(settled.flatMap((result) => (result.status === 'rejected' ? [result.reason] : [])))
  const paths = new Set(settled.flatMap((result) => (result.status === 'fulfilled' ? result.value : [])))
  const inputs = new Map<string, Input>()
  for (const path of [...paths].sort()) {
    const identity = await identify(path)
    if (!inputs.has(identity)) inputs.set(identity, await describe(path, cwd))
  }
  return [...inputs.values()]
}

function failOnce(problems: unknown[]): void {
  const [first, ...others] = problems
  if (first === undefined) return
  if (others.length === 0 || !(first instanceof InputError)) throw first
  const messages = problems.map((problem) => (problem instanceof Error ? problem.message : String(problem)))
  throw new InputError(first.code, messages.join('\n'), { cause: new AggregateError(problems) })
}

/**
 * Absolute paths of the files that one pattern stands for now.
 * @throws InputError `missing`, `no-match` or `no-logs` if there is none
 */
export async function filesOf(pattern: string, cwd = process.cwd()): Promise<string[]> {
  if (pattern === STDIN) return [STDIN]
  const path = resolve(cwd, pattern)
  const found = await statOf(path, pattern)
  if (found?.isDirectory()) return findInDirectory(path, pattern)
  if (found !== undefined) return [path]
  if (isDynamicPattern(withSlashes(pattern))) return findMatches(pattern, cwd)
  throw new InputError('missing', `${pattern}: no such file or directory`)
}

async function findInDirectory(directory: string, name: string): Promise<string[]> {
  const paths = await logFilesIn(directory)
  if (paths.length > 0) return paths
  throw new InputError(
    'no-logs',
    `${name}: no log files (*.json, *.jsonl, *.ndjson, *.log, or these with .gz)`,
  )
}

/** As a shell would expand it: directories that match are taken with all log files in them. */
async function findMatches(pattern: string, cwd: string): Promise<string[]> {
  const options = { cwd, absolute: true, expandDirectories: false, ignore: TRUTH }
  const files = await glob(withSlashes(pattern), options)
  const directories = await glob(withSlashes(pattern), { ...options, onlyDirectories: true })
  const nested = await Promise.all(directories.map(logFilesIn))
  const paths = [...files, ...nested.flat()].map((path) => resolve(path))
  if (paths.length > 0) return paths
  throw new InputError('no-match', `${pattern}: matches no log files`)
}

async function logFilesIn(directory: string): Promise<string[]> {
  const paths = await glob(LOG_FILES, { cwd: directory, absolute: true, ignore: TRUTH })
  return paths.map((path) => resolve(path))
}

async function statOf(path: string, name: string) {
  try {
    return await stat(path)
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new InputError('unreadable', `${name}: cannot be read (${code})`, { cause })
  }
}

/** What two names of the same file have in common. */
async function identify(path: string): Promise<string> {
  if (path === STDIN) return path
  // A pipe such as /dev/fd/63 has no real path.
  return realpath(path).catch(() => path)
}

async function describe(path: string, cwd: string): Promise<Input> {
  if (path === STDIN) return { name: 'standard input', path, size: undefined }
  const name = displayed(path, cwd)
  const found = await statOf(path, name)
  return { name, path, size: found?.isFile() ? found.size : undefined }
}

/** Independent of how the pattern was spelled, so that the same files give the same output. */
function displayed(path: string, cwd: string): string {
  const local = relative(cwd, path)
  return local.startsWith('..') || isAbsolute(local) ? path : local
}

function withSlashes(pattern: string): string {
  return sep === '\\' ? pattern.replaceAll('\\', '/') : pattern
}
