import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const USUAL_PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

const executable = [process.env.CHROMIUM, ...USUAL_PLACES].find(
  (path) => path !== undefined && existsSync(path),
)

/** Says whether there is no Chromium; if so, says loudly what is not tested. In CI that is a failure. */
export function chromiumMissing(tests: string): boolean {
  if (executable !== undefined) return false
  const why = 'there is no Chromium: install it, or name it in CHROMIUM'
  if (process.env.CI) throw new Error(why)
  console.warn(`SKIPPED: ${tests}, as ${why}`)
  return true
}

/** A browser without a window. Its sandbox needs what containers do not allow; it sees only the tests' own pages. */
export function startChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: executable!, args: ['--no-sandbox'] })
}
