import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Alert } from '../../../src/alerts/alert.js'
import { packagePath } from '../../../src/package-root.js'
import { chromiumMissing, startChromium } from '../../support/browser.js'
import { cli, linesOf } from '../../support/cli.js'
import { madeFolders } from '../../support/folders.js'
import { barriers } from './barriers.js'
import { type Opened, open } from './opened.js'

const scratch = madeFolders()

describe.skipIf(chromiumMissing('the report in a browser'))('the report of the sample tenant', () => {
  let browser: Browser
  let file = ''
  let alerts: Alert[] = []
  let opened: Opened | undefined

  beforeAll(async () => {
    browser = await startChromium()
    const folder = scratch()
    file = join(folder, 'report.html')
    const out = join(folder, 'alerts.ndjson')
    const inventory = ['--agents', packagePath('samples/agents.yaml'), '--identities', 'workloads']
    const { code } = await cli([
      'replay',
      packagePath('samples'),
      ...inventory,
      ...['--dead-letters', join(folder, 'dead.ndjson'), '--out', out, '--report', file, '--quiet'],
    ])
    expect(code).toBe(0)
    alerts = linesOf(readFileSync(out, 'utf8'))
  })

  afterAll(() => browser?.close())

  afterEach(async () => {
    const { page, faults = [], requests = [] } = opened ?? {}
    await page?.close()
    opened = undefined
    expect(faults).toEqual([])
    expect(requests.filter((url) => !url.startsWith('file:'))).toEqual([])
    expect(requests.length).toBeLessThanOrEqual(1)
  })

  const start = async (options?: Parameters<typeof open>[2]) => {
    opened = await open(browser, file, options)
    return opened.page
  }
  const listed = (page: Page) =>
    page
      .getByRole('status')
      .filter({ hasText: /alerts?$/ })
      .textContent()
  /** Searches, and waits until it is done: the first time all alerts are read for it. */
  const search = async (page: Page, text: string) => {
    await page.getByRole('searchbox').fill(text)
    await page.getByText('The filter shows').waitFor()
  }
  const most = (counts: Map<string, number>) => [...counts].sort(([, a], [, b]) => b - a)[0]!

  function countBy(name: (alert: Alert) => string): Map<string, number> {
    const counts = new Map<string, number>()
    for (const alert of alerts) counts.set(name(alert), (counts.get(name(alert)) ?? 0) + 1)
    return counts
  }

  it('says how many alerts it has, newest first', async () => {
    const page = await start()
    expect(await listed(page)).toBe(`1–25 of ${alerts.length} alerts`)
    const first = page.getByRole('region', { name: 'Alerts, newest first' }).locator('tbody tr').first()
    expect(await first.textContent()).toContain(alerts.at(-1)!.reason)
  })

  it('lists the alerts of a detection only', async () => {
    const page = await start()
    const [title, count] = most(countBy((alert) => alert.title))
    await page.getByLabel('Detection', { exact: true }).selectOption(title)
    expect(await listed(page)).toBe(`1–${count} of ${count} alerts`)
  })

  it('lists the alerts of high severity only', async () => {
    const page = await start()
    const count = alerts.filter(({ severity }) => severity === 'high').length
    await page.getByLabel('Severity', { exact: true }).selectOption('high')
    expect(await listed(page)).toBe(`1–${count} of ${count} alerts`)
  })

  it.each<[what: string, text: (alert: Alert) => string]>([
    ['the name of an agent', ({ agentName }) => agentName!],
    ['the id of an agent', ({ agentId }) => agentId],
    ['a detection', ({ detection }) => detection],
    ['the id of an alert', ({ id }) => id],
    ['its sentence, in whatever case', ({ reason }) => reason.toUpperCase()],
  ])('finds alerts by %s', async (_what, textOf) => {
    const page = await start()
    const wanted = alerts.at(-1)!
    await search(page, textOf(wanted))
    const region = page.getByRole('region', { name: 'Alerts, newest first' })
    await region.getByText(wanted.reason).first().waitFor()
    expect(await listed(page)).not.toContain(`of ${alerts.length} `)
  })

  describe('the times that are looked at', () => {
    const between = (from: string, to: string) =>
      alerts.filter(({ time }) => time >= `${from}:00` && time < `${to}:00`)
    const fields = (page: Page) => ['From (UTC)', 'Before (UTC)'].map((name) => page.getByLabel(name))

    it('are chosen by fields, and what is hidden is counted', async () => {
      const page = await start()
      const [from, to] = fields(page)
      const times = [10, -10].map((at) => `${alerts.at(at)!.time.slice(0, 13)}:00`) as [string, string]
      await from!.fill(times[0])
      await to!.fill(times[1])
      const count = between(...times).length
      expect(count).toBeGreaterThan(3)
      expect(await listed(page)).toContain(` of ${count} alerts`)
      const said = `The filter shows ${count} and hides ${alerts.length - count} of ${alerts.length} alerts.`
      await page.getByText(said).waitFor()
      await page.getByRole('button', { name: 'Show all' }).click()
      expect(await listed(page)).toContain(` of ${alerts.length} alerts`)
      expect(await from!.inputValue()).toBe('')
    })

    it('are chosen by dragging over bars', async () => {
      const page = await start()
      const box = (await page.locator('.u-over').boundingBox())!
      await page.mouse.move(box.x + box.width * 0.4, box.y + 50)
      await page.mouse.down()
      await page.mouse.move(box.x + box.width * 0.6, box.y + 60, { steps: 4 })
      await page.mouse.up()
      await page.getByText('The filter shows').waitFor()
      const [from, to] = await Promise.all(fields(page).map((field) => field.inputValue()))
      expect(await listed(page)).toContain(`of ${between(from!, to!).length} alert`)
    })
  })

  describe('the address', () => {
    const HASH = '#/?search=backup&severity=medium&from=2026-11-02T00%3A00Z'

    it('holds the filter', async () => {
      const page = await start()
      await page.getByLabel('Severity', { exact: true }).selectOption('medium and above')
      await search(page, 'backup')
      await page.getByLabel('From (UTC)').fill('2026-11-02T00:00')
      await page.waitForURL((url) => url.hash === HASH)
    })

    it('brings the filter back, also on another page and on the way back', async () => {
      const page = await start({ hash: '#/?severity=high' })
      const high = alerts.filter(({ severity }) => severity === 'high')
      expect(await listed(page)).toBe(`1–${high.length} of ${high.length} alerts`)
      await page.getByRole('region', { name: 'Alerts, newest first' }).getByRole('link').last().click()
      await page.getByText('What it usually does').waitFor()
      expect(page.url()).toMatch(/#\/agent\/\d+\?severity=high$/)
      expect(await page.getByLabel('Severity', { exact: true }).inputValue()).toBe('3')
      await page.goBack()
      await page.getByRole('heading', { level: 1, name: 'What fired' }).waitFor()
      expect(await listed(page)).toBe(`1–${high.length} of ${high.length} alerts`)
    })

    it.each(['#/?severity=none&detection=none&from=never&to=', '#/?&&=%', '#/detection/%'])(
      'limits nothing where it means nothing: %s',
      async (hash) => {
        const page = await start({ hash })
        await page.getByRole('heading', { level: 1 }).waitFor()
        expect(await page.getByText('The filter shows').isVisible()).toBe(false)
      },
    )
  })

  it('says so where nothing is found', async () => {
    const page = await start()
    await search(page, 'no such thing anywhere')
    expect(await listed(page)).toBe('No alerts')
  })

  it('shows the next alerts by the keyboard', async () => {
    const page = await start()
    await page.getByRole('button', { name: 'Next page of alerts' }).focus()
    await page.keyboard.press('Enter')
    expect(await listed(page)).toBe(`26–50 of ${alerts.length} alerts`)
  })

  it('shows what was seen, what was expected and the evidence', async () => {
    const page = await start()
    const newest = alerts.at(-1)!
    const button = page.getByRole('button', { name: 'Details of the alert' }).first()
    await button.click()
    expect(await button.getAttribute('aria-expanded')).toBe('true')
    const details = page.locator('.details:visible')
    await details.getByText(String(newest.expected.basis)).waitFor()
    for (const { id } of newest.evidence) await details.getByText(id!).waitFor()
  })

  it('shows an agent: its week, its volumes, its alerts, what it uses', async () => {
    const page = await start()
    const spike = alerts.find(({ detection }) => detection === 'data-volume-spike')!
    await search(page, spike.agentId)
    await page.getByRole('region', { name: 'Agents by number' }).getByRole('link').first().click()
    await page.getByRole('heading', { level: 1, name: spike.agentName! }).waitFor()
    expect(await page.locator('.week tbody td').count()).toBe(168)
    expect(await page.locator('.week .mark').count()).toBeGreaterThan(0)
    await page.locator('.chart canvas').waitFor()
    await page.getByLabel('Scale').selectOption('logarithmic')
    await page.locator('.chart canvas').waitFor()
    await page.getByRole('heading', { name: 'ResourceIdentity (SignIns)' }).waitFor()
    expect(await listed(page)).toContain(` ${countBy(({ agentId }) => agentId).get(spike.agentId)} alerts`)
  })

  it('shows how near each agent came to the limit of a detection', async () => {
    const page = await start({ hash: '#/detection/data-volume-spike' })
    const names = alerts
      .filter(({ detection }) => detection === 'data-volume-spike')
      .map((one) => one.agentName)
    const table = page.getByRole('region', { name: 'Agents by share of the limit' })
    expect(names).toContain(await table.getByRole('link').first().textContent())
    expect(await table.getByText(/^\d+ %$/).count()).toBeGreaterThan(3)
  })

  it.each(['#/agent/99999', '#/agent/x', '#/detection/none'])(
    'says that there is none at %s',
    async (hash) => {
      const page = await start({ hash })
      expect(await page.getByRole('heading', { level: 1 }).textContent()).toMatch(/^No such/)
    },
  )

  it('goes back as the browser does', async () => {
    const page = await start()
    await page.getByRole('region', { name: 'Agents by number' }).getByRole('link').first().click()
    await page.getByText('What it usually does').waitFor()
    await page.goBack()
    await page.getByRole('heading', { level: 1, name: 'What fired' }).waitFor()
  })

  it('turns dark and light', async () => {
    const page = await start({ theme: 'dark' })
    const brightness = () =>
      page.evaluate('parseInt(/[0-9]+/.exec(getComputedStyle(document.body).backgroundColor)[0])')
    expect(await brightness()).toBeLessThan(60)
    await page.getByRole('button', { name: 'Light theme' }).click()
    expect(await brightness()).toBeGreaterThan(200)
    await page.getByRole('button', { name: 'Dark theme' }).click()
    expect(await brightness()).toBeLessThan(60)
  })

  describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
    it.each(['', '#/agent/1', '#/detection/data-volume-spike'])('has no barriers at "%s"', async (hash) => {
      const page = await start({ hash, theme })
      await page.getByRole('button', { name: 'Details of the alert' }).first().click()
      expect(await barriers(page)).toEqual([])
    })
  })

  it('fits a small laptop without scrolling sideways', async () => {
    const page = await start({ hash: '#/agent/1' })
    await page.setViewportSize({ width: 1024, height: 700 })
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(1024)
  })
})
