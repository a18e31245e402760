import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { main as agentwarden } from '../src/main.js'
import { packagePath } from '../src/package-root.js'
import { chromiumMissing, startChromium } from '../test/support/browser.js'
import { ioTo } from './io.js'

/** Takes the pictures of the report that the documentation shows, anew: `npm run pictures`. */
const SIZE = { width: 1280, height: 1000 }
const AGENT = 'backup-sync-prod'
const SPIKE = '#/detection/data-volume-spike'

/** The report on the sample tenant, with the curves of one detection. */
async function reportIn(folder: string): Promise<string> {
  const nowhere = () => new Writable({ write: (_chunk, _encoding, done) => done() })
  const file = join(folder, 'report.html')
  const whose = ['--agents', packagePath('samples/agents.yaml'), '--identities', 'workloads']
  const labels = ['--labels', packagePath('samples/labels.ndjson')]
  const code = await agentwarden(
    ['tune', packagePath('samples'), ...whose, ...labels, '--report', file, '--quiet'],
    ioTo(nowhere(), nowhere()),
  )
  if (code !== 0) throw new Error(`tune ended with ${code}`)
  return pathToFileURL(file).href
}

async function opened(browser: Browser, url: string, colorScheme: 'light' | 'dark'): Promise<Page> {
  const page = await browser.newPage({ viewport: SIZE, colorScheme })
  await page.goto(url)
  await page.locator('html[data-ready]').waitFor()
  return page
}

const path = (name: string) => packagePath('docs', 'images', `report-${name}.png`)

async function take(browser: Browser, url: string): Promise<void> {
  const overview = await opened(browser, url, 'light')
  await overview.locator('.chart canvas').waitFor()
  await overview.screenshot({ path: path('overview') })
  const agent = await opened(browser, url, 'dark')
  await agent.getByRole('region', { name: 'Agents by number' }).getByRole('link', { name: AGENT }).click()
  await agent.getByLabel('Scale').selectOption('logarithmic')
  await agent.locator('.chart canvas').waitFor()
  await agent.screenshot({ path: path('agent') })
  const curve = await opened(browser, url + SPIKE, 'light')
  await curve.locator('.chart canvas').waitFor()
  await curve.getByRole('region', { name: 'Other thresholds' }).screenshot({ path: path('curve') })
}

if (!chromiumMissing('the pictures of the report')) {
  const folder = await mkdtemp(join(tmpdir(), 'agentwarden-pictures-'))
  const browser = await startChromium()
  try {
    await take(browser, await reportIn(folder))
  } finally {
    await browser.close()
    await rm(folder, { recursive: true })
  }
}
