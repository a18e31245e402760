import { createWriteStream, statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { reportHtml } from '../src/report/write.js'
import { largeReport } from '../test/report/large.js'
import { chromiumMissing, startChromium } from '../test/support/browser.js'
import { middle } from './child.js'
import { atMost, figure, type Line, lineText } from './report.js'

/** How long a large report takes to open, to search and to turn its pages, in Chromium. */
const [ALERTS, AGENTS] = [100_000, 5_000]
const ROUNDS = 5
/** Seconds until the first page is drawn. */
const MOST_SECONDS = 3

interface Opening {
  /** Seconds until the page can be used and its chart is drawn. */
  readonly open: number
  /** Seconds of the processor that the page's own thread took of that. */
  readonly thread: number
  /** Seconds until the first search over all alerts is done, and a later one. */
  readonly firstSearch: number
  readonly search: number
  /** Seconds until the last page of the list is shown. */
  readonly last: number
}

async function measured(browser: Browser, url: string): Promise<Opening> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  const debug = await page.context().newCDPSession(page)
  await debug.send('Performance.enable', { timeDomain: 'threadTicks' })
  const open = await timed(async () => {
    await page.goto(url, { waitUntil: 'commit' })
    await page.locator('html[data-ready] .chart canvas').waitFor()
  })
  const { metrics } = await debug.send('Performance.getMetrics')
  const thread = metrics.find(({ name }) => name === 'ThreadTime')?.value ?? 0
  const last = await timed(() => turned(page))
  const firstSearch = await timed(() => searched(page, 'agent-4999'))
  const search = await timed(() => searched(page, 'agent-4998'))
  await page.close()
  return { open, thread, firstSearch, search, last }
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1000
}

async function turned(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Last page of alerts' }).click()
  await page.getByText(`–${number(ALERTS)} of ${number(ALERTS)} alerts`).waitFor()
}

const number = (value: number) => value.toLocaleString('en-US')

/** Each agent has the same number of alerts, and a name that no other holds. */
async function searched(page: Page, name: string): Promise<void> {
  await page.getByRole('searchbox').fill(name)
  const found = page.getByRole('region', { name: 'Agents by number' })
  await found.getByRole('link', { name, exact: true }).first().waitFor()
  await page.getByText(`1–${ALERTS / AGENTS} of ${ALERTS / AGENTS} alerts`).waitFor()
}

async function compare(): Promise<void> {
  if (chromiumMissing('how fast a large report opens')) return
  const folder = await mkdtemp(join(tmpdir(), 'agentwarden-bench-'))
  const browser = await startChromium()
  try {
    const file = join(folder, 'report.html')
    await pipeline(Readable.from(reportHtml(largeReport(ALERTS, AGENTS))), createWriteStream(file))
    const all: Opening[] = []
    for (let round = 0; round < ROUNDS; round++) all.push(await measured(browser, pathToFileURL(file).href))
    for (const line of linesOf(all, statSync(file).size)) console.log(lineText(line))
  } finally {
    await browser.close()
    await rm(folder, { recursive: true })
  }
}

function linesOf(all: readonly Opening[], bytes: number): Line[] {
  const of = (name: keyof Opening) => middle(all.map((one) => one[name]))
  const seconds = (name: keyof Opening) => `${of(name).toFixed(2)} s`
  return [
    figure(`${ALERTS} alerts of ${AGENTS} agents`, `${(bytes / 1e6).toFixed(1)} MB`),
    atMost(`opens, median of ${ROUNDS}`, of('open'), MOST_SECONDS, ' s'),
    figure('of which the page works', seconds('thread')),
    figure('to the last page of the list', seconds('last')),
    figure('first search over all of them', seconds('firstSearch')),
    figure('another', seconds('search')),
  ]
}

await compare()
