import { existsSync, readdirSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { StateDamaged, StateLocked } from './errors.js'

/** Opens LevelDB, and says in our own words what is wrong if it can't be. */
export async function openLevel(folder: string): Promise<ClassicLevel<string, string>> {
  await mkdir(folder, { recursive: true })
  // LevelDB would make a new and empty database in the midst of the old files.
  if (!existsSync(join(folder, 'CURRENT')) && readdirSync(folder).some(isData))
    throw new StateDamaged(`the state in ${folder} is damaged: the file CURRENT is missing`)
  const db = new ClassicLevel<string, string>(folder, { keyEncoding: 'utf8', valueEncoding: 'utf8' })
  try {
    await db.open()
    return db
  } catch (error) {
    throw openError(folder, error as Error)
  }
}

/** Files that hold records. There are none before CURRENT was there but the first manifest. */
function isData(file: string): boolean {
  return /\.(log|ldb|sst)$/.test(file)
}

function openError(folder: string, error: Error): Error {
  const cause = (error.cause ?? error) as Error & { readonly code?: string }
  if (cause.code === 'LEVEL_LOCKED')
    return new StateLocked(`another process uses the state in ${folder}`, { cause })
  if (cause.code === 'LEVEL_CORRUPTION' || /no such file/i.test(cause.message))
    return new StateDamaged(`the state in ${folder} is damaged`, { cause })
  return new Error(`the state in ${folder} can not be opened`, { cause })
}
