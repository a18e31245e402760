import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chromiumMissing, startChromium } from '../../support/browser.js'
import { alertsOf, cli, inTempFolder } from '../../support/cli.js'
import { writeSensitivePack } from '../../support/detection-files.js'
import { ndjson, simulatedRecords } from '../../support/simulated.js'
import { barriers } from './barriers.js'
import { open } from './opened.js'

inTempFolder()
writeSensitivePack('pack')
writeFileSync('logs.ndjson', ndjson(simulatedRecords()))

interface Tuned {
  readonly detections: readonly {
    readonly detection: string
    readonly now: Value
    readonly parameters: readonly {
      readonly parameter: string
      readonly now: number
      readonly values: readonly Value[]
    }[]
  }[]
}

interface Value {
  readonly value: number
  readonly alerts: number
  readonly perDay: number
  readonly recall?: number
  readonly precision?: number
}

describe.skipIf(chromiumMissing('the curves of tune in the report'))('the report of a sweep', () => {
  let browser: Browser
  let tuned: Tuned

  beforeAll(async () => {
    browser = await startChromium()
    const raised = await alertsOf(['logs.ndjson', '--detections', 'pack'])
    const { agentId, hour } = raised.filter(({ detection }) => detection === 'heavy').at(-1)!
    writeFileSync('labels.ndjson', JSON.stringify({ agent: agentId, attack: 'a', from: hour, to: hour }))
    const run = ['tune', 'logs.ndjson', '--detections', 'pack', '--labels', 'labels.ndjson', '--quiet']
    const { stdout } = await cli([...run, '--json', '--report', 'out/report.html'])
    tuned = JSON.parse(stdout)
  })

  afterAll(() => browser?.close())

  /** Cells of the table behind the curve. */
  const cells = async (page: Page) => {
    const rows = await page.getByRole('region', { name: 'What values of' }).locator('tbody tr').all()
    return Promise.all(rows.map((row) => row.locator('td').allTextContents()))
  }
  const shown = (share: number | undefined) => (share === undefined ? '–' : share.toFixed(2))

  it('shows for each value what tune printed', async () => {
    const { page, faults, requests } = await open(browser, resolve('out/report.html'), {
      hash: '#/detection/heavy',
    })
    const heavy = tuned.detections.find(({ detection }) => detection === 'heavy')!
    const floor = heavy.parameters.find(({ parameter }) => parameter === 'floor')!
    await page.getByLabel('Parameter', { exact: true }).selectOption('floor')
    await page.locator('.chart canvas').first().waitFor()
    const now = { ...heavy.now, value: floor.now }
    const expected = [...floor.values, now]
      .sort((a, b) => a.value - b.value)
      .map(({ value, perDay, alerts, recall, precision }) => [
        expect.stringMatching(new RegExp(`^${value}(now|proposed)?$`)),
        perDay.toFixed(2),
        String(alerts),
        shown(recall),
        shown(precision),
      ])
    expect(await cells(page)).toEqual(expected)
    expect([faults, requests.length]).toEqual([[], 1])
    await page.close()
  })

  it('is about the detections as they are, and raises their alerts only', async () => {
    const html = readFileSync('out/report.html', 'utf8')
    const index = JSON.parse(html.split('id="index">')[1]!.split('</script>')[0]!)
    const raised = await alertsOf(['logs.ndjson', '--detections', 'pack'])
    expect(index.alerts).toHaveLength(raised.length)
    expect(index.detections.map(({ id }: { id: string }) => id)).toEqual(
      tuned.detections.map(({ detection }) => detection),
    )
  })

  it.each(['light', 'dark'] as const)('has no barriers in the %s theme', async (theme) => {
    for (const hash of ['', '#/detection/heavy']) {
      const { page } = await open(browser, resolve('out/report.html'), { hash, theme })
      expect(await barriers(page)).toEqual([])
      await page.close()
    }
  })
})
