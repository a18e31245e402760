import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Detection } from '../../src/detections/detection.js'
import { DEFAULT_LIMITS, Scorer } from '../../src/scoring/scorer.js'
import type { ViewRow } from '../../src/views/view.js'
import { aLog } from '../kinds/logs.js'
import { detection } from '../support/detections.js'
import { graphCall, signIn } from '../support/rows.js'
import {
  closed,
  files,
  H,
  inOrder,
  mail,
  news,
  nights,
  pack,
  rare,
  refused,
  saved,
  scored,
  varied,
  young,
} from './pack.js'

describe('the bound on agents', () => {
  const limits = { ...DEFAULT_LIMITS, maxAgents: 1 }

  it('leaves a further agent to the detections that need no memory, and counts its rows', () => {
    const other = { agent: 'agent-2', ResponseStatusCode: 403 }
    const scorer = scored(new Scorer(pack, limits), [
      mail(H - 9),
      mail(H - 9, other),
      files(H, other),
      files(H),
    ])
    expect(scorer.agentCount).toBe(1)
    expect(scorer.counters.beyondAgents).toBe(2)
    const raised = closed(scorer).filter(({ detection }) => detection !== nights.id)
    expect(raised.map(({ detection, agentId }) => [detection, agentId])).toEqual(
      expect.arrayContaining([
        [refused.id, 'agent-2'],
        [news.id, 'agent-1'],
      ]),
    )
    expect(raised.filter(({ agentId }) => agentId === 'agent-2')).toHaveLength(2)
  })

  it('makes room once an agent was silent for longer than any window that may still be judged', () => {
    const scorer = scored(new Scorer(pack, limits), [mail(H), mail(H + 352, { agent: 'agent-2' })])
    expect(Array.from(scorer.agents(), ({ id }) => id)).toEqual(['agent-2'])
    expect(scorer.counters.beyondAgents).toBe(0)
  })

  it('leaves an agent whose id is too long to be kept to the detections that need no memory', () => {
    const long = { agent: 'x'.repeat(257), ResponseStatusCode: 403 }
    const scorer = scored(new Scorer(pack), [mail(H, long), mail(H, { ...long, agent: 'x'.repeat(256) })])
    expect([scorer.agentCount, scorer.counters.beyondAgents]).toEqual([1, 1])
    expect(closed(scorer)).toHaveLength(2)
  })

  it('tells agents of the same id apart by their tenants', () => {
    const scorer = scored(new Scorer([news]), [
      mail(H - 9),
      mail(H - 9, { tenant: 'tenant-2' }),
      files(H, { tenant: 'tenant-2' }),
    ])
    expect(scorer.agentCount).toBe(2)
    expect(closed(scorer).map(({ tenantId }) => tenantId)).toEqual(['tenant-2'])
  })
})

describe('rows that come late', () => {
  it.each([
    { late: 24, counted: true },
    { late: 25, counted: false },
  ])('count into the baseline when $late hours late: $counted', ({ late, counted }) => {
    const rows = [mail(H - 60), mail(H, { agent: 'agent-2' }), files(H - late), files(H + 1)]
    const scorer = scored(new Scorer([news]), rows)
    expect(scorer.counters.tooLate).toBe(counted ? 0 : 1)
    const raised = closed(scorer).map(({ hour }) => Date.parse(hour) / 3_600_000 - H)
    expect(raised).toEqual(counted ? [-late] : [1])
  })

  it('are judged by detections that need no memory, however late they are', () => {
    const scorer = scored(new Scorer(pack), [mail(H), mail(H - 500, { ResponseStatusCode: 403 })])
    expect(closed(scorer).map(({ detection }) => detection)).toEqual([refused.id])
  })
})

describe('rows of the time that a backfill has counted', () => {
  const backfilled = () => {
    const scorer = new Scorer(pack)
    scorer.resume({ newest: H, swept: H, backfilled: H + 1 })
    return scorer
  }

  it('are in no baseline a second time, and judged by detections that need no memory', () => {
    const scorer = scored(backfilled(), [mail(H), mail(H, { ResponseStatusCode: 403 })])
    expect([scorer.agentCount, scorer.counters.backfilled]).toEqual([0, 2])
    expect(closed(scorer).map(({ detection }) => detection)).toEqual([refused.id])
  })

  it('change a known agent by their alerts, which are part of its risk', () => {
    const scorer = scored(backfilled(), [mail(H + 1)])
    scorer.trackChanges()
    scored(scorer, [mail(H)])
    expect(scorer.takeChanges().changed.size).toBe(0)
    scored(scorer, [mail(H, { ResponseStatusCode: 403 })])
    const changed = [...scorer.takeChanges().changed]
    expect(changed.map((agent) => scorer.risks.hoursOf(agent))).toEqual([1])
  })

  it('end with its last hour', () => {
    const scorer = scored(backfilled(), [mail(H + 1)])
    expect([scorer.agentCount, scorer.counters.backfilled]).toEqual([1, 0])
  })

  it('are known after the position was saved and taken up again', () => {
    expect(backfilled().position).toEqual({ newest: H, swept: H, backfilled: H + 1 })
    expect(new Scorer(pack).position).toEqual({ newest: 0, swept: 0 })
  })
})

describe('the bound on values', () => {
  const limits = { ...DEFAULT_LIMITS, maxValues: 2 }
  const named = (hour: number, name: string, part = {}) => graphCall({ hour, GraphResource: name, ...part })

  it.each([
    { what: 'values', detections: [news], overflows: 3 },
    { what: 'distinct values of an hour', detections: [varied], overflows: 3 },
    { what: 'entities', detections: [rare], overflows: 3 },
  ])('counts every row whose value is left out: $what', ({ detections, overflows }) => {
    const rows = ['a', 'b', 'a', 'c', 'b', 'd', 'c'].map((name) => named(H, name))
    expect(scored(new Scorer(detections, limits), rows).stores.overflows).toBe(overflows)
  })

  it('keeps memory bounded whatever a stranger sends, and forgets the texts within a day', () => {
    const flood = Array.from({ length: 5_000 }, (_, index) => named(H, `stranger-${index}`))
    const scorer = scored(new Scorer(pack, limits), [named(H, 'mail'), ...flood])
    scorer.score(named(H + 24, 'mail'))
    expect(scorer.stores.texts.size).toBeLessThan(10)
    expect(JSON.stringify(saved(scorer)).length).toBeLessThan(2_000)
  })

  it('keeps no more texts than it may of all agents together, and counts those left out', () => {
    const limited = { ...DEFAULT_LIMITS, maxTexts: 3 }
    const rows = ['a', 'b', 'c', 'd', 'a', 'd'].map((name, index) =>
      named(H, name, { agent: `agent-${index}` }),
    )
    const scorer = scored(new Scorer([news], limited), rows)
    expect([scorer.stores.texts.size, scorer.stores.overflows]).toEqual([3, 2])
  })

  it('finds a value that there was no room for new again and again, never known', () => {
    const limited = { ...DEFAULT_LIMITS, maxTexts: 1 }
    const scorer = scored(new Scorer([news, rare, varied], limited), [
      named(H - 9, 'a'),
      named(H - 1, 'b'),
      named(H, 'b'),
      named(H, 'a'),
    ])
    expect(closed(scorer).map(({ detection, hour }) => [detection, hour.slice(11, 13)])).toEqual([
      [news.id, '02'],
      [news.id, '03'],
    ])
  })

  it('makes room for texts once those who showed the old ones are forgotten', () => {
    const scorer = scored(new Scorer([news], { ...DEFAULT_LIMITS, maxTexts: 2 }), [
      named(H, 'a'),
      named(H, 'b'),
      named(H + 24, 'a'),
      named(H + 24 + 352, 'c', { agent: 'agent-2' }),
    ])
    expect([scorer.stores.overflows, scorer.stores.texts.size]).toEqual([0, 1])
  })

  it.each(['entity of a match', 'name of an agent'])('cuts the %s to 256 characters', (what) => {
    const by = detection({ kind: 'match', entity: ['GraphResource'] })
    const long = (end: string) => 'x'.repeat(256) + end
    const rows = ['1', '2'].map((end) => ({ ...named(H, long(end)), AgentName: long(end) }))
    const [alert, ...others] = closed(scored(new Scorer([by]), rows))
    expect(others).toEqual([])
    expect(what.startsWith('entity') ? alert!.entity.GraphResource : alert!.agentName).toBe('x'.repeat(256))
  })

  it('takes long values that begin with the same 256 characters for one', () => {
    const long = (end: string) => named(H, 'x'.repeat(256) + end)
    const scorer = scored(new Scorer([news]), [
      named(H - 9, 'mail'),
      long('1'),
      long('2'),
      named(H, 'x'.repeat(255)),
    ])
    expect(
      closed(scorer)
        .map(({ entity }) => String(entity.GraphResource).length)
        .sort(),
    ).toEqual([255, 256])
  })

  it.each([
    { kind: 'spike', floor: 0, k: 0 },
    { kind: 'rare_volume', floor: 0, ratio: 0 },
  ])('cuts the entity of a $kind like the values of its baseline', (said) => {
    const long = (hour: number, end: string) => named(hour, 'x'.repeat(256) + end)
    const by = detection({ metric: 'count', by: 'GraphResource', ...young, ...said })
    const rows = [long(H - 48, ''), long(H, '1'), long(H, '2'), long(H, '3')]
    expect(closed(scored(new Scorer([by]), rows)).map(({ entity }) => entity)).toEqual([
      { GraphResource: 'x'.repeat(256) },
    ])
  })
})

describe('forgetting', () => {
  it('gives an agent its memory back once it was silent for 352 hours, and not before', () => {
    const scorer = scored(new Scorer([nights]), [mail(H), mail(H + 351, { agent: 'agent-2' })])
    expect(scorer.agentCount).toBe(2)
    scorer.score(mail(H + 351 + 24, { agent: 'agent-2' }))
    expect(Array.from(scorer.agents(), ({ id }) => id)).toEqual(['agent-2'])
    // The set of hours of agent-1 was the first that was given out.
    expect(scorer.stores.hours.allocate()).toBe(0)
  })

  it('begins anew with an agent that comes back', () => {
    const scorer = scored(new Scorer([news]), [mail(H), mail(H + 400, { agent: 'agent-2' }), files(H + 401)])
    expect(closed(scorer)).toEqual([])
    expect(scorer.counters.learning).toEqual(new Map([[news.id, 1 + 1 + 1]]))
  })

  it('keeps the texts that are in use: a known value stays known, and no other takes its place', () => {
    const scorer = scored(new Scorer([news]), [mail(H - 100), files(H - 99, { agent: 'agent-2' })])
    for (let hour = H - 98; hour < H; hour++)
      scorer.score(graphCall({ hour, agent: 'agent-3', GraphResource: `value-${hour}` }))
    scored(scorer, [mail(H), files(H), mail(H, { agent: 'agent-2' }), files(H, { agent: 'agent-2' })])
    const own = closed(scorer).filter(({ agentId }) => agentId !== 'agent-3')
    expect(own.map(({ agentId, entity }) => [agentId, entity.GraphResource])).toEqual(
      expect.arrayContaining([
        ['agent-1', 'files'],
        ['agent-2', 'mail'],
      ]),
    )
    expect(own).toHaveLength(2)
  })
})

describe('the counters of learning', () => {
  it('say of each detection how many rows it could not judge for want of history', () => {
    const needy = detection({
      id: 'needy',
      kind: 'new_value',
      field: 'GraphResource',
      learn: '48h',
      min_hours: 1,
    })
    const scorer = scored(new Scorer([needy, refused]), [
      mail(H - 50),
      mail(H - 49),
      files(H - 10),
      files(H - 9),
      graphCall({ hour: H, GraphResource: 'sites' }),
    ])
    expect(scorer.counters.learning).toEqual(new Map([['needy', 2]]))
    expect(closed(scorer).map(({ entity }) => entity)).toEqual([{ GraphResource: 'sites' }])
  })
})

describe('the detections', () => {
  it('do not disturb one another: together they raise what each raises alone', () => {
    const scoped = [
      detection({
        id: 'news-of-successes',
        kind: 'new_value',
        field: 'GraphResource',
        where: { ResponseStatusCode: 200 },
        ...young,
      }),
      detection({ id: 'busy', kind: 'spike', metric: 'count', floor: 1, k: 0, ...young }),
      detection({
        id: 'failing',
        kind: 'spike',
        metric: 'count',
        of: { ResponseStatusCode: 403 },
        floor: 1,
        k: 0,
        ...young,
      }),
      detection({ id: 'back', kind: 'quiet_return', gap: '24h', where: { ResponseStatusCode: 200 } }),
      detection({
        id: 'night-sign-in',
        kind: 'off_hours',
        view: 'SignIns',
        min_days: { weekday: 1, weekend: 1 },
        ...young,
      }),
    ]
    const all = [...pack, ...scoped]
    const raised = (detections: readonly Detection[], rows: readonly ViewRow[]) =>
      closed(scored(new Scorer(detections), rows)).map(({ risk, ...alert }) => JSON.stringify(alert))
    fc.assert(
      fc.property(aLog, (log) => {
        const rows = inOrder(log)
        expect(raised(all, rows).sort()).toEqual(all.flatMap((one) => raised([one], rows)).sort())
      }),
      { numRuns: 60 },
    )
  })

  it('judge the rows of their own view, and none once they are retired', () => {
    const retired = detection({ id: 'retired', kind: 'match', status: 'retired' })
    const ofSignIns = detection({ id: 'of-sign-ins', kind: 'match', view: 'SignIns' })
    const scorer = scored(new Scorer([retired, ofSignIns]), [graphCall({ hour: H }), signIn({ hour: H })])
    expect(closed(scorer).map(({ detection, count }) => [detection, count])).toEqual([['of-sign-ins', 1]])
    expect(scorer.counters.rows).toBe(2)
  })

  it('call an agent by the last name that was seen of it', () => {
    const name = (AgentName: string | undefined, hour: number, part = {}) => ({
      ...graphCall({ hour, ...part }),
      AgentName,
    })
    const rows = [name('old', H), name('new', H + 1), name(undefined, H + 2, { ResponseStatusCode: 403 })]
    expect(closed(scored(new Scorer([refused]), rows))).toMatchObject([{ agentName: 'new' }])
  })
})
