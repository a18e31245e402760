import { expect, it } from 'vitest'
import { Replay, type ReplayOptions } from '../../src/replay/replay.js'
import { summaryText } from '../../src/replay/summary.js'
import type { ViewRow } from '../../src/views/view.js'
import { detection } from '../support/detections.js'
import { graphCall, HOUR_MS, hourAt } from '../support/rows.js'

const H = hourAt('2026-11-20T03')

/** What is said of rows, within some bounds. */
async function summaryOf(bounds: Pick<ReplayOptions, 'limits' | 'stream'>, rows: readonly ViewRow[]) {
  const detections = [
    detection({ kind: 'match', entity: ['GraphResource'] }),
    detection({ kind: 'new_value', field: 'GraphResource' }),
  ]
  const now = (H + 24) * HOUR_MS
  const run = new Replay({ detections, now, ...bounds }, { alerts: () => {}, deadLetter: () => {} })
  for (const row of rows) run.stream.add(row)
  await run.finish()
  return summaryText(run, new Map(), { seconds: 1, deadLetters: undefined, waiting: false })
}

const rows = ['a', 'b', 'c', 'd'].map((name, index) =>
  graphCall({ hour: H + Math.floor(index / 3), agent: `agent-${index % 2}`, GraphResource: name }),
)

const BOUNDS: readonly [what: string, bounds: Pick<ReplayOptions, 'limits' | 'stream'>, said: RegExp][] = [
  ['agents', { limits: { maxAgents: 1 } }, /agents beyond the bound.*: 2$/m],
  ['values of an agent', { limits: { maxValues: 1 } }, /Values left out.*: 2$/m],
  ['texts', { limits: { maxTexts: 1 } }, /Values left out.*: 3$/m],
  [
    'alerts of an agent in an hour',
    { limits: { maxAlertsOfHour: 1 } },
    /share an alert.*:\n {2}test-match +1$/m,
  ],
  ['open alerts', { limits: { maxOpenAlerts: 1 } }, /share an alert.*:\n {2}test-match +3$/m],
  ['rows that wait', { stream: { maxWaiting: 3 } }, /too many rows waited: 1$/m],
  ['events known by their ids', { stream: { maxSeen: 3 } }, /Events forgotten early.*: 3$/m],
]

it.each(BOUNDS)('says that the bound on %s was reached', async (_what, bounds, said) => {
  expect(await summaryOf(bounds, rows)).toMatch(said)
  expect(await summaryOf({}, rows)).not.toMatch(said)
})
