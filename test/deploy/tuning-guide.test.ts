import { readFileSync, symlinkSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { packagePath } from '../../src/package-root.js'
import { cli, inTempFolder } from '../support/cli.js'

inTempFolder()
symlinkSync(packagePath('samples'), 'samples')

const guide = readFileSync(packagePath('docs', 'tuning.md'), 'utf8')
const commands = Array.from(guide.matchAll(/^agentwarden (.+)$/gm), ([, line]) => line!)

/** The words of a command line, those in quotes as one. */
function wordsOf(line: string): string[] {
  return Array.from(line.matchAll(/"([^"]*)"|(\S+)/g), ([, quoted, plain]) => quoted ?? plain!)
}

// One after the other: each goes on from what those before it have written.
describe('the first hour of docs/tuning.md', () => {
  it('has commands', () => {
    expect(commands.length).toBeGreaterThan(8)
  })

  it.each(commands)('runs as it is written: agentwarden %s', async (line) => {
    const { code, stderr } = await cli(wordsOf(line), { now: Date.UTC(2026, 10, 25) })
    expect([code, stderr.match(/^error: .*/m)]).toEqual([0, null])
  })
})
