import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'

/** A report that is open, and what went wrong in it. */
export interface Opened {
  readonly page: Page
  /** Errors and warnings on the console, and exceptions. */
  readonly faults: string[]
  /** Everything that the page asked for. */
  readonly requests: string[]
}

/** Opens a report as a user does, and waits until it can be used. */
export async function open(
  browser: Browser,
  file: string,
  { hash = '', theme = 'light' }: { hash?: string; theme?: 'light' | 'dark' } = {},
): Promise<Opened> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme: theme })
  const faults: string[] = []
  const requests: string[] = []
  page.on('console', (message) => faults.push(`${message.type()}: ${message.text()}`))
  page.on('pageerror', (error) => faults.push(String(error)))
  page.on('request', (request) => requests.push(request.url()))
  await page.goto(pathToFileURL(file).href + hash)
  await page.locator('html[data-ready]').waitFor()
  return { page, faults, requests }
}
