import { realpath } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Input } from '../sources/inputs.js'
import { UsageError } from './io.js'

/**
 * Sees to it that no output is one of the inputs: an old result among them would be read as a log, and a log would be
 * lost.
 * @param outputs the files by their flags
 * @throws UsageError
 */
export async function keepInputs(
  inputs: readonly Input[],
  outputs: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const paths = await Promise.all(inputs.map(({ path }) => identityOf(path)))
  for (const [flag, file] of Object.entries(outputs)) {
    if (file !== undefined && paths.includes(await identityOf(file)))
      throw new UsageError(`${flag} ${file} is one of the inputs: write it elsewhere`)
  }
}

/** The same for all names of a file. */
async function identityOf(path: string): Promise<string> {
  return realpath(path).catch(() => resolve(path))
}
