import { describe, expect, it } from 'vitest'
import { type Period, Workspace } from '../../src/workspace/client.js'
import { Journal } from '../../src/workspace/journal.js'
import { type Asking, askInParts, type Kept, NOTHING_KEPT, slicesOf } from '../../src/workspace/slices.js'
import { temporaryFolders } from '../support/folders.js'
import {
  credential,
  type LogAnalytics,
  logAnalyticsServers,
  refusal,
  WORKSPACE,
} from '../support/log-analytics.js'
import { NOW } from '../support/now.js'

const newServer = logAnalyticsServers()
const newFolder = temporaryFolders()
const at = (text: string) => Date.parse(`2026-10-${text}:00Z`)
const shown = ({ from, to }: Period) => `${iso(from)} to ${iso(to)}`
const iso = (time: number) => new Date(time).toISOString().slice(8, 16)

describe('a period', () => {
  it.each([
    ['of whole days', '12T00:00', '14T00:00', ['12T00:00 to 13T00:00', '13T00:00 to 14T00:00']],
    [
      'that begins and ends in a day',
      '12T15:00',
      '13T15:00',
      ['12T15:00 to 13T00:00', '13T00:00 to 13T15:00'],
    ],
    ['within a day', '12T15:00', '12T16:00', ['12T15:00 to 12T16:00']],
    ['without an hour', '12T15:00', '12T15:00', []],
  ])('%s', (_what, from, to, slices) => {
    expect(slicesOf({ from: at(from), to: at(to) }).map(shown)).toEqual(slices)
  })
})

const DAY = { from: at('12T00:00'), to: at('13T00:00') }

/** One row of each quarter of an hour, which the query counts from the start of its period. */
const query = ({ from, to }: Period) => `range Quarter from ${from / 900_000} to ${to / 900_000 - 1} step 1`

async function asking(kept: Kept = NOTHING_KEPT): Promise<{ server: LogAnalytics; asking: Asking }> {
  const server = await newServer()
  const { endpoint, ca } = server
  const workspace = new Workspace({ id: WORKSPACE, credential, endpoint, ca, now: () => NOW, firstPause: 1 })
  return { server, asking: { workspace, kept, signal: new AbortController().signal, until: NOW } }
}

async function quarters(period: Period, how: Asking): Promise<number[]> {
  const answers = await askInParts(query, period, how)
  return answers.flatMap(({ rows }) => rows.map(([quarter]) => Number(quarter)))
}

const ALL = Array.from({ length: 96 }, (_, index) => DAY.from / 900_000 + index)

describe('what is too much for one answer', () => {
  it.each([
    [96, 1],
    [95, 3],
    [24, 7],
    [4, 47],
  ])(
    'with %i rows at most is asked for in parts, with %i queries, and comes whole and in order',
    async (mostRows, queries) => {
      const { server, asking: how } = await asking()
      server.mostRows = mostRows
      expect(await quarters(DAY, how)).toEqual(ALL)
      expect(server.asked.length).toBe(queries)
    },
  )

  it('is an error when it is too much for an hour', async () => {
    const { server, asking: how } = await asking()
    server.mostRows = 3
    await expect(quarters(DAY, how)).rejects.toMatchObject({
      code: 'too-much',
      message: expect.stringContaining('even the hour from 2026-10-12T00:00Z is too much for one answer'),
    })
  })

  it('is also what takes too long', async () => {
    const { server, asking: how } = await asking()
    server.next = [refusal(504, 'GatewayTimeout', 'Query timed out')]
    expect(await quarters(DAY, how)).toEqual(ALL)
    expect(server.asked.length).toBe(3)
  })

  it('is not what is refused: that is no better in parts', async () => {
    const { server, asking: how } = await asking()
    server.fault = () => refusal(403, 'InsufficientAccessError', 'no')
    await expect(quarters(DAY, how)).rejects.toMatchObject({ code: 'refused' })
    expect(server.asked.length).toBe(1)
  })
})

describe('answers on disk', () => {
  it('are not asked for again, by another process either', async () => {
    const folder = newFolder()
    const { server, asking: first } = await asking(new Journal(folder, WORKSPACE))
    server.mostRows = 48
    await quarters(DAY, first)
    const journal = new Journal(folder, WORKSPACE)
    expect(await quarters(DAY, { ...first, kept: journal })).toEqual(ALL)
    // The whole day, which was too much, and its halves before; then the day once more.
    expect([server.asked.length, journal.found]).toEqual([4, 2])
  })

  it('of another workspace are none', async () => {
    const folder = newFolder()
    const { server, asking: how } = await asking(new Journal(folder, WORKSPACE))
    await quarters(DAY, how)
    await quarters(DAY, { ...how, kept: new Journal(folder, 'another') })
    expect(server.asked.length).toBe(2)
  })
})
