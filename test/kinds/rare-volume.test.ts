import { describe } from 'vitest'
import { ago, cases, now, rowsAt } from './cases.js'

describe('rare_volume', () => {
  // A day each: every hour pulls 100 bytes of mail, so the median cell is 100 and the threshold 500.
  const habit = ago(168, 144, 120, 96, 72, 48, 25, 24)
  const mail = rowsAt(habit, { GraphResource: 'mail', ResponseSizeBytes: 100 })
  const pulled = (GraphResource: string, ResponseSizeBytes: number) =>
    now({ GraphResource, ResponseSizeBytes })
  const files = (...hours: readonly number[]) =>
    rowsAt(ago(...hours), { GraphResource: 'files', ResponseSizeBytes: 100 })
  const alert = { GraphResource: 'files' }
  const volume = { metric: 'sum', column: 'ResponseSizeBytes', by: 'GraphResource', floor: 200, ratio: 5 }

  cases('rare_volume', volume, [
    { why: '501 bytes of a resource never used', rows: [...mail, pulled('files', 501)], alerts: [alert] },
    { why: '500 bytes', rows: [...mail, pulled('files', 500)], alerts: [] },
    {
      why: '501 bytes on a floor of 501',
      rows: [...mail, pulled('files', 501)],
      said: { floor: 501 },
      alerts: [],
    },
    {
      why: '501 bytes in two calls',
      rows: [...mail, pulled('files', 500), pulled('files', 1)],
      alerts: [alert],
    },
    {
      why: '501 bytes over two resources',
      rows: [...mail, pulled('files', 500), pulled('sites', 1)],
      alerts: [],
    },
    { why: '501 bytes of the usual resource', rows: [...mail, pulled('mail', 501)], alerts: [] },
    { why: '501 bytes of no resource', rows: [...mail, now({ ResponseSizeBytes: 501 })], alerts: [] },
    {
      why: 'a resource used on two days',
      rows: [...mail, ...files(48, 24), pulled('files', 501)],
      alerts: [alert],
    },
    {
      why: 'one used in three hours of two days',
      rows: [...mail, ...files(48, 25, 24), pulled('files', 501)],
      alerts: [alert],
    },
    {
      why: 'one used on three days',
      rows: [...mail, ...files(72, 48, 24), pulled('files', 501)],
      alerts: [],
    },
    {
      why: 'one used on three days, one of them before the window',
      rows: [...files(313), ...mail, ...files(48, 24), pulled('files', 501)],
      alerts: [alert],
    },
    { why: 'history of seven hours', rows: [...mail.slice(0, 7), pulled('files', 501)], alerts: [] },
    // Cells 100 x 8 and 1000 x 2: still a median of 100. With 100 x 8 and 1000 x 8 it is 550, the threshold 2750.
    {
      why: '2751 bytes where the other resources are larger',
      rows: [
        ...mail,
        ...rowsAt(habit, { GraphResource: 'sites', ResponseSizeBytes: 1_000 }),
        pulled('files', 2_751),
      ],
      alerts: [alert],
    },
    {
      why: '2750 bytes where the other resources are larger',
      rows: [
        ...mail,
        ...rowsAt(habit, { GraphResource: 'sites', ResponseSizeBytes: 1_000 }),
        pulled('files', 2_750),
      ],
      alerts: [],
    },
  ])
})
