import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Journal } from '../../src/workspace/journal.js'
import { temporaryFolders } from '../support/folders.js'

const newFolder = temporaryFolders()
const ANSWER = {
  columns: ['Name', 'Total'],
  rows: [
    ['a "quoted" \u2028 name', 7],
    [null, 0],
  ],
}

async function kept(): Promise<{ folder: string; journal: Journal; file: string }> {
  const folder = newFolder()
  const journal = new Journal(folder, 'w')
  await journal.put('print 1', ANSWER)
  return { folder, journal, file: join(folder, readdirSync(folder)[0]!) }
}

it('gives back what was put, under its own query only', async () => {
  const { journal } = await kept()
  expect([journal.get('print 1'), journal.get('print 2'), journal.found]).toEqual([ANSWER, undefined, 1])
})

it.each<[string, (text: string) => string]>([
  ['broken off', (text) => text.slice(0, -3)],
  ['empty', () => ''],
  ['changed by a byte', (text) => text.replace('7', '8')],
  ['something else', () => '{"rows":[]}'],
])('takes a file that is %s for none', async (_what, damage) => {
  const { journal, file } = await kept()
  writeFileSync(file, damage(readFileSync(file, 'utf8')))
  expect(journal.get('print 1')).toBeUndefined()
})

it('leaves nothing behind, not even what it had begun to write', async () => {
  const { folder, journal, file } = await kept()
  writeFileSync(`${file}.new`, 'half')
  journal.remove()
  expect(existsSync(folder)).toBe(false)
})
