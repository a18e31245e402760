import { createWriteStream, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Alert } from '../../../src/alerts/alert.js'
import { reportHtml } from '../../../src/report/write.js'
import { chromiumMissing, startChromium } from '../../support/browser.js'
import { madeFolders } from '../../support/folders.js'
import { largeReport } from '../large.js'
import { open } from './opened.js'

const scratch = madeFolders()

const HOSTILE = [
  '</script><script>document.title="owned"</script>',
  '<img src=x onerror="document.title=\'owned\'">',
  '<!--<script>',
  '"><svg onload=document.title="owned">',
  '{{constructor.constructor("document.title=1")()}}',
  "javascript:document.title='owned'",
]

/** A report that was written to a file. */
async function written(data: Parameters<typeof reportHtml>[0]): Promise<string> {
  const file = join(scratch(), 'report.html')
  await pipeline(Readable.from(reportHtml(data)), createWriteStream(file))
  return file
}

describe.skipIf(chromiumMissing('reports with hostile names, and large ones'))('a report', () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await startChromium()
  })

  afterAll(() => browser?.close())

  it.each(HOSTILE)('shows %j wherever it stands as the text that it is', async (text) => {
    const { index, alerts, agents } = largeReport(1, 1)
    const [alert] = alerts as [Alert]
    const evidence = [{ table: text, id: text, time: alert.time }]
    const mitre = { tactics: [text], techniques: [text] }
    const file = await written({
      index: {
        ...index,
        agents: [[text, text, text, 3]],
        detections: [{ ...index.detections[0]!, id: text, title: text, why: text, unit: text }],
        sets: [{ view: text, columns: [text] }],
        missing: [text],
      },
      alerts: [
        {
          ...alert,
          reason: text,
          entity: { [text]: text },
          expected: { basis: text },
          observed: text,
          evidence,
          mitre,
        },
      ],
      agents: [{ ...agents[0]!, values: [[0, [[text, 491_000, 491_001, 1]]]] }],
    })
    const { page, faults } = await open(browser, file)
    await page.getByRole('button', { name: 'Details of the alert' }).click()
    await page.locator('.details').getByText(text).first().waitFor()
    await page.getByRole('region', { name: 'Agents by number' }).getByRole('link').click()
    await page.getByRole('heading', { level: 1, name: text }).waitFor()
    await page.goBack()
    await page.getByRole('region', { name: 'Detections by number' }).getByRole('link').click()
    await page.getByRole('heading', { level: 1, name: text }).waitFor()
    expect(await page.title()).toContain(text)
    expect(await page.locator('script:not([type])').count()).toBe(1)
    expect(await page.locator('img, svg, iframe').count()).toBe(0)
    expect(faults).toEqual([])
    await page.close()
  })

  it('that was damaged on its way says so', async () => {
    const file = await written(largeReport(3, 1))
    const html = readFileSync(file, 'utf8')
    writeFileSync(file, html.replace(/id="alerts-0">.{40}/, 'id="alerts-0">'))
    const { page } = await open(browser, file)
    await page.getByRole('alert').filter({ hasText: "A part of this report can't be read here" }).waitFor()
    await page.close()
  })

  it('with 100,000 alerts and 5,000 agents opens, and is searched to its end', async () => {
    const file = await written(largeReport(100_000, 5_000))
    const { page, faults } = await open(browser, file)
    const listed = page.getByRole('status').filter({ hasText: /alerts?$/ })
    expect(await listed.textContent()).toBe('1–25 of 100,000 alerts')
    await page.getByRole('button', { name: 'Last page of alerts' }).click()
    expect(await listed.textContent()).toBe('99,976–100,000 of 100,000 alerts')
    await page.getByRole('searchbox').fill('agent-4999')
    await page.getByRole('status').filter({ hasText: '1–1 of 1 agent' }).waitFor()
    expect(await listed.textContent()).toBe('1–20 of 20 alerts')
    await page.getByRole('region', { name: 'Agents by number' }).getByRole('link').click()
    await page.locator('.chart canvas').waitFor()
    expect(faults).toEqual([])
    await page.close()
  })
})
