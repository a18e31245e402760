import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hourOf, hourText, parseTime } from '../../src/records/time.js'
import { linesOf, missing } from '../support/shared-data.js'

/** 2007-01-09T09:41:00Z, reckoned with `date -u -d … +%s`. */
const NINE_FORTY_ONE = 1_168_335_660_000

describe('parseTime', () => {
  it.each<[text: string, milliseconds: number, why: string]>([
    ['2007-01-09T09:41:00Z', NINE_FORTY_ONE, 'ISO with Z'],
    ['2007-01-09T09:41:00', NINE_FORTY_ONE, 'ISO without zone is UTC'],
    ['2007-01-09 09:41:00', NINE_FORTY_ONE, 'a blank instead of T'],
    ['2007-01-09T9:41:00Z', NINE_FORTY_ONE, 'a one-digit hour, as RiskyUsers has had'],
    ['2007-01-09T09:41Z', NINE_FORTY_ONE, 'no seconds'],
    ['2007-01-09T09:41:00+00:00', NINE_FORTY_ONE, 'zone +00:00'],
    ['2007-01-09T11:41:00+02:00', NINE_FORTY_ONE, 'a zone east of Greenwich'],
    ['2007-01-09T04:11:00-05:30', NINE_FORTY_ONE, 'a zone west of Greenwich with half an hour'],
    ['2007-01-09T11:41:00+0200', NINE_FORTY_ONE, 'a zone without colon'],
    ['2007-01-09t09:41:00z', NINE_FORTY_ONE, 'small letters'],
    ['  2007-01-09T09:41:00Z ', NINE_FORTY_ONE, 'blanks around it'],
    ['01/09/2007 09:41:00', NINE_FORTY_ONE, 'US order, 24 hours'],
    ['1/9/2007 9:41:00 AM', NINE_FORTY_ONE, 'US order, morning'],
    ['01/09/2007 09:41:00 am', NINE_FORTY_ONE, 'US order, small am'],
    ['1/9/2007 9:41:00 PM', NINE_FORTY_ONE + 12 * 3_600_000, 'US order, afternoon'],
    ['1/9/2007 10:41:00 AM +01:00', NINE_FORTY_ONE, 'US order with zone'],
    ['1/9/2007 21:41:00 PM', NINE_FORTY_ONE + 12 * 3_600_000, 'a needless PM in the 24-hour clock'],
    ['1/9/2007 12:00:00 AM', Date.UTC(2007, 0, 9, 0), '12 AM is midnight'],
    ['1/9/2007 12:00:00 PM', Date.UTC(2007, 0, 9, 12), '12 PM is noon'],
    ['1/9/2007 12:59:59 AM', Date.UTC(2007, 0, 9, 0, 59, 59), 'the last second of the hour after midnight'],
    ['11/14/2025 1:48:53 AM', Date.UTC(2025, 10, 14, 1, 48, 53), 'ServicePrincipalSignInLogs of 2025'],
    ['8/22/2022 6:11:52 PM', Date.UTC(2022, 7, 22, 18, 11, 52), 'RiskyUsers'],
    ['2022-09-09T9:59:27.958Z', Date.UTC(2022, 8, 9, 9, 59, 27, 958), 'a one-digit hour with a fraction'],
    ['2007-01-09', Date.UTC(2007, 0, 9), 'a day alone'],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29), 'the leap day of 2024'],
    ['2000-02-29T00:00:00Z', Date.UTC(2000, 1, 29), 'the leap day of a century that has one'],
    ['2/29/2024 1:00:00 AM', Date.UTC(2024, 1, 29, 1), 'a leap day in US order'],
    ['2016-12-31T23:59:60Z', Date.UTC(2017, 0, 1), 'a leap second is the next one'],
    ['0001-01-01T00:00:00Z', -62_135_596_800_000, 'the least time of .NET, with which it says "none"'],
    ['1970-01-01T00:00:00Z', 0, 'the beginning of Unix time'],
  ])('reads %j as %d (%s)', (text, milliseconds) => {
    expect(parseTime(text)).toBe(milliseconds)
  })

  it.each<[fraction: string, milliseconds: number]>([
    ['2', 200],
    ['22', 220],
    ['535', 535],
    ['5354', 535],
    ['99209', 992],
    ['992099', 992],
    ['6816663', 681],
    ['99999999', 999],
    ['535404056', 535],
    ['000000001', 0],
  ])('cuts the fraction .%s to %d ms, in every form', (fraction, milliseconds) => {
    for (const text of [
      `2007-01-09T09:41:00.${fraction}Z`,
      `2007-01-09T09:41:00.${fraction}+00:00`,
      `2007-01-09T09:41:00.${fraction}`,
      `1/9/2007 9:41:00.${fraction} AM`,
    ]) {
      expect(parseTime(text), text).toBe(NINE_FORTY_ONE + milliseconds)
    }
  })

  it.each([
    ['', 'nothing'],
    ['yesterday', 'a word'],
    ['<null>', 'how some records write "none"'],
    ['1168335660000', 'a number'],
    ['2007-02-30T00:00:00Z', 'the 30th of February'],
    ['2007-02-30T00:00:00', 'the 30th of February, without zone'],
    ['2/30/2007 1:00:00 AM', 'the 30th of February, in US order'],
    ['2023-02-29T00:00:00Z', 'a leap day in a year that has none'],
    ['1900-02-29T00:00:00Z', 'a leap day in a century that has none'],
    ['2007-04-31T00:00:00Z', 'the 31st of April'],
    ['2007-13-01T00:00:00Z', 'a 13th month'],
    ['13/1/2007 1:00:00 AM', 'a 13th month in US order'],
    ['2007-00-01T00:00:00Z', 'month 0'],
    ['2007-01-00T00:00:00Z', 'day 0'],
    ['2007-01-09T24:00:00Z', 'hour 24'],
    ['2007-01-09T09:60:00Z', 'minute 60'],
    ['2007-01-09T09:41:61Z', 'second 61'],
    ['2007-01-09T09:41:00.Z', 'a fraction without digits'],
    ['2007-01-09T09:41:00.1234567890Z', 'a fraction of ten digits'],
    ['2007-01-09T09:41:0x.1Z', 'a letter among the digits'],
    ['2007-01-09T09:41:00.12x456Z', 'a letter in the fraction'],
    ['2007-01-09T09:41:00+99:00', 'a zone of 99 hours'],
    ['2007-01-09T09:41:00Z tomorrow', 'a word after it'],
    ['09.01.2007 09:41:00', 'German order'],
    [`1/9/2007 9:41:00${' '.repeat(1_000_000)}x`, 'a million blanks'],
  ])('does not take %.40j for a time (%s)', (text) => {
    expect(parseTime(text)).toBeUndefined()
  })

  it('reads back, to the millisecond, every time that ISO prints', () => {
    const times = fc.date({
      min: new Date('0001-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59.999Z'),
    })
    fc.assert(
      fc.property(times.filter(isReal), (date) => {
        expect(parseTime(date.toISOString())).toBe(date.getTime())
        expect(parseTime(date.toISOString().replace('Z', '0000+00:00'))).toBe(date.getTime())
        expect(parseTime(date.toISOString().replace('Z', ''))).toBe(date.getTime())
      }),
    )
  })

  it('reads the same time in US order as in ISO', () => {
    const times = fc.date({ min: new Date('2007-01-01T00:00:00Z'), max: new Date('2099-12-31T23:59:59Z') })
    fc.assert(
      fc.property(times.filter(isReal), (date) => {
        const seconds = Math.floor(date.getTime() / 1000) * 1000
        const text = new Date(seconds).toLocaleString('en-US', { timeZone: 'UTC' })
        // toLocaleString puts a narrow no-break space before AM and PM, and a comma after the day.
        expect(parseTime(text.replace(',', '').replace(/\u202f/g, ' '))).toBe(seconds)
      }),
    )
  })
})

function isReal(date: Date): boolean {
  return !Number.isNaN(date.getTime())
}

describe.skipIf(missing('real-records', 'the corner cases of times'))(
  'the corner cases seen in records',
  () => {
    it('all mean 09:41:00 on the 9th of January 2007, but for their fractions', () => {
      const lines = linesOf('signinlogs_test-time-formats-corner-cases.log')
      const offsets = lines.map((line) => parseTime(JSON.parse(line).time)! - NINE_FORTY_ONE)
      expect(offsets).toEqual([0, 0, 0, 0, 0, 0, 220, 681, 535, 992, 0])
    })
  },
)

describe('hours', () => {
  it('count from 1970 and contain their first millisecond, not their last', () => {
    expect(hourOf(0)).toBe(0)
    expect(hourOf(3_599_999)).toBe(0)
    expect(hourOf(3_600_000)).toBe(1)
    expect(hourOf(-1)).toBe(-1)
  })

  it('print as the time at which they begin', () => {
    expect(hourText(hourOf(Date.UTC(2026, 10, 20, 3, 12, 44)))).toBe('2026-11-20T03:00:00Z')
  })
})
