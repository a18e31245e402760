import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Files, isFileOfRule } from '../sentinel/build.js'

/** Writes files by their paths below a folder. */
export async function writeAll(folder: string, files: Files): Promise<void> {
  for (const [path, text] of files) {
    const file = join(folder, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text)
  }
}

/**
 * Removes files that an earlier build wrote for rules that are no more; whatever else lies there stays.
 *
 * @param inners - the folders below `folder` in which rules have files
 * @returns what was removed
 */
export async function removeOld(folder: string, files: Files, inners: readonly string[]): Promise<string[]> {
  const removed: string[] = []
  for (const inner of inners) {
    for (const name of (await readdir(join(folder, inner)).catch(() => [])).sort()) {
      const file = join(folder, inner, name)
      if (files.has(`${inner}/${name}`) || !isFileOfRule(file, await textOrNothing(file))) continue
      await rm(file)
      removed.push(file)
    }
  }
  return removed
}

/** What lies there may be a folder of somebody's. */
async function textOrNothing(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '')
}
