import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { packagePath } from '../../src/package-root.js'
import { dataBlock } from '../../src/report/write.js'
import { cli, inTempFolder, linesOf } from '../support/cli.js'

inTempFolder()

const CASES = ['--out', 'alerts.ndjson', '--quiet']

describe('the report of a replay', () => {
  let html = ''

  beforeAll(async () => {
    const logs = packagePath('samples', 'ServicePrincipalSignInLogs')
    const { code } = await cli(['replay', logs, ...CASES, '--report', 'out/report.html'])
    expect(code).toBe(0)
    html = readFileSync('out/report.html', 'utf8')
  })

  const textOf = (id: string) => html.split(`id="${id}">`)[1]!.split('</script>')[0]!
  /** Data of the page, by the id of its element. */
  const data = (id: string) => JSON.parse(textOf(id))
  const packed = (id: string) => JSON.parse(gunzipSync(Buffer.from(textOf(id), 'base64')).toString())

  it('is a file of less than 5 MB', () => {
    expect(statSync('out/report.html').size).toBeLessThan(5_000_000)
  })

  it('has every alert, each with its details', () => {
    const alerts = linesOf<{ id: string; reason: string }>(readFileSync('alerts.ndjson', 'utf8'))
    expect(alerts.length).toBeGreaterThan(0)
    expect(data('index').alerts).toHaveLength(alerts.length)
    expect(packed('alerts-0').map(({ id, reason }: { id: string; reason: string }) => [id, reason])).toEqual(
      alerts.map(({ id, reason }) => [id, reason]),
    )
  })

  it('allows only the script and the styles that are in it', () => {
    const [, policy] = /Content-Security-Policy" content="([^"]*)"/.exec(html)!
    const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
    const script = html.split('<script>')[1]!.split('</script>')[0]!
    const style = html.split('<style>')[1]!.split('</style>')[0]!
    expect(policy).toContain(`default-src 'none'; script-src ${hash(script)}; style-src ${hash(style)};`)
    expect(policy).not.toContain('unsafe')
  })

  it('names no address from which anything could be loaded', () => {
    expect(html).not.toMatch(/\b(src|href)="(?!#)/)
    expect(html).not.toMatch(/@import|url\(/)
  })
})

it.each(['</script><script>alert(1)</script>', '<!--', '\u2028', '"', '\\', '\ud800'])(
  'data that holds %j stays data',
  (text) => {
    const block = dataBlock('names', [text])
    const inner = block.slice(block.indexOf('>') + 1, block.lastIndexOf('</script>'))
    expect(inner).not.toContain('<')
    expect(JSON.parse(inner)).toEqual([text])
  },
)

it('a report never takes the place of a log', async () => {
  const log = packagePath('samples', 'changes.ndjson')
  const { code, stderr } = await cli(['replay', log, '--report', log])
  expect(code).toBe(2)
  expect(stderr).toContain('--report')
})
