import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

/** Memory where there is such a file system: state is synced at each save, which takes a disk most of the time. */
const PLACE = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

/** How many times as thorough tests of crashes and damage are; 1 unless told otherwise. */
export const THOROUGH = Number(process.env.THOROUGH ?? 1)

/**
 * Gives out new names of folders that are removed after the last test of the file. To be called once by each file, as
 * these share what they import.
 */
export function temporaryFolders(): () => string {
  const root = mkdtempSync(join(PLACE, 'agentwarden-'))
  afterAll(() => rmSync(root, { recursive: true, force: true }))
  let folders = 0
  return () => join(root, String(folders++))
}

/** The same, of folders that are made already. */
export function madeFolders(): () => string {
  const newFolder = temporaryFolders()
  return () => {
    const folder = newFolder()
    mkdirSync(folder)
    return folder
  }
}
