import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EntraResponse, sink as kind } from '../../src/sinks/entra-response.js'
import { givenToken } from '../support/azure.js'
import { madeFolders } from '../support/folders.js'
import { outgoing, patiently } from '../support/outgoing.js'
import { surroundings } from '../support/surroundings.js'

const scratch = madeFolders()
const START = Date.UTC(2026, 10, 20, 3)
const MINUTE = 60_000
const AGENTS = [0, 1, 2, 3].map((number) => `2222222${number}-2222-2222-2222-222222222222`)

/** One delivery: minutes after the one before, of which agent, whether of an alert that was there, after a restart. */
const step = fc.record({
  minutes: fc.integer({ min: 0, max: 40 }),
  agent: fc.integer({ min: 0, max: 3 }),
  again: fc.boolean(),
  restart: fc.boolean(),
})

interface Line {
  readonly at: string
  readonly alert: string
  readonly agentId: string
  readonly outcome: string
}

/** A dry run counts and remembers as acting does, and needs no server. */
function made(folder: string, now: () => number): EntraResponse {
  const settings = kind.settings.parse({
    agents: AGENTS,
    rules: [{ detections: ['unusual-resource'], severity: 'medium', action: 'confirm-agent' }],
    most_per_hour: 2,
    audit: join(folder, 'audit.ndjson'),
    authentication: { kind: 'managed-identity' },
  })
  return new EntraResponse('response', settings, surroundings(), { credential: givenToken(), now })
}

describe('whatever is delivered when', () => {
  it('is decided on once, at most twice within any hour, and once about an agent', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const folder = scratch()
        let now = START
        let sink = made(folder, () => now)
        const ids = new Set<string>()
        for (const [index, { minutes, agent, again, restart }] of steps.entries()) {
          now += minutes * MINUTE
          if (restart) sink = made(folder, () => now)
          const id = again && ids.size > 0 ? [...ids][index % ids.size]! : `alert-${index}`
          ids.add(id)
          const time = new Date(now).toISOString()
          await sink.deliver([outgoing({ id, time, agentId: AGENTS[agent]! })], patiently())
        }
        const file = join(folder, 'audit.ndjson')
        const lines: Line[] = existsSync(file)
          ? readFileSync(file, 'utf8')
              .split('\n')
              .filter(Boolean)
              .map((line) => JSON.parse(line))
          : []
        expect(lines.map(({ alert }) => alert)).toEqual([...ids])
        const acts = lines.filter(({ outcome }) => outcome === 'dry-run')
        for (const { at, agentId } of acts) {
          const end = Date.parse(at) + 60 * MINUTE
          const within = acts.filter((one) => one.at >= at && Date.parse(one.at) < end)
          expect(within.length).toBeLessThanOrEqual(2)
          expect(within.filter((one) => one.agentId === agentId)).toHaveLength(1)
        }
      }),
      { numRuns: 25 },
    )
  })
})
