import { describe } from 'vitest'
import { ago, cases, H, now, rowsAt } from './cases.js'

describe('new_value', () => {
  const habit = ago(168, 150, 130, 110, 90, 70, 50, 30)
  const known = rowsAt(habit, { GraphResource: 'mail' })
  const news = { GraphResource: 'files' }

  cases('new_value', { field: 'GraphResource' }, [
    { why: 'a value never shown before', rows: [...known, now(news)], alerts: [news] },
    { why: 'the known value', rows: [...known, now({ GraphResource: 'mail' })], alerts: [] },
    { why: 'no value', rows: [...known, now()], alerts: [] },
    { why: 'an empty value', rows: [...known, now({ GraphResource: '' })], alerts: [] },
    {
      why: 'the known value in other letters',
      rows: [...known, now({ GraphResource: 'MAIL' })],
      alerts: [{ GraphResource: 'MAIL' }],
    },
    {
      why: 'a value that `of` leaves out',
      rows: [...known, now(news)],
      said: { of: { GraphResource: 'calendar' } },
      alerts: [],
    },
    {
      why: 'the value that `of` asks for, after a history of values that it leaves out',
      rows: [...known, now(news)],
      said: { of: { GraphResource: 'files' } },
      alerts: [news],
    },
    {
      why: 'a value shown in the first hour of the window',
      rows: [...rowsAt(ago(312), news), ...known, now(news)],
      alerts: [],
    },
    {
      why: 'a value shown one hour before the window',
      rows: [...rowsAt(ago(313), news), ...known, now(news)],
      alerts: [news],
    },
    { why: 'a value shown only in the same hour', rows: [...known, now(news), now(news)], alerts: [news] },
    {
      why: 'the first hour 167 back',
      rows: [...rowsAt([H - 167, ...habit.slice(1)], { GraphResource: 'mail' }), now(news)],
      alerts: [],
    },
    { why: 'only seven hours with a value', rows: [...known.slice(0, 7), now(news)], alerts: [] },
    {
      why: 'an eighth hour, but without a value',
      rows: [...known.slice(0, 7), ...rowsAt(ago(30)), now(news)],
      alerts: [],
    },
    {
      why: 'the value shown before by another agent only',
      rows: [...rowsAt(ago(60), { ...news, agent: 'agent-2' }), ...known, now(news)],
      alerts: [news],
    },
    {
      why: 'the value shown before in rows that `where` leaves out',
      rows: [
        ...rowsAt(habit, { GraphResource: 'mail', ResponseStatusCode: 200 }),
        ...rowsAt(ago(60), { ...news, ResponseStatusCode: 403 }),
        now({ ...news, ResponseStatusCode: 200 }),
      ],
      said: { where: { ResponseStatusCode: 200 } },
      alerts: [news],
    },
    {
      why: 'two values that differ only after 256 characters',
      rows: [
        ...known,
        now({ GraphResource: `${'x'.repeat(256)}1` }),
        now({ GraphResource: `${'x'.repeat(256)}2` }),
      ],
      alerts: [{ GraphResource: 'x'.repeat(256) }],
    },
  ])
})
