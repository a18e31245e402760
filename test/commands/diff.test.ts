import { writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Alert } from '../../src/alerts/alert.js'
import type { Difference } from '../../src/alerts/difference.js'
import { cli, inTempFolder } from '../support/cli.js'

inTempFolder()

let made = 0

/** An alert that no other is the same as, but for what is named. */
function alert(part: Partial<Alert> = {}): Alert {
  return {
    id: String(++made).padStart(32, '0'),
    detection: 'new-country',
    title: 'A country that is new',
    severity: 'low',
    tenantId: 't',
    agentId: 'agent-1',
    agentName: 'invoice-agent',
    time: '2026-10-20T03:10:00.000Z',
    hour: '2026-10-20T03:00:00Z',
    entity: {},
    observed: 'DE',
    expected: { basis: 'none' },
    reason: 'it came from DE',
    count: 1,
    evidence: [],
    mitre: { tactics: [], techniques: [] },
    ...part,
  }
}

function write(file: string, alerts: readonly Alert[]): void {
  writeFileSync(file, alerts.map((one) => `${JSON.stringify(one)}\n`).join(''))
}

const kept = alert()
const gone = alert({ detection: 'sign-in-spike' })
const urgent = alert({ agentName: 'mail-agent', agentId: 'agent-2' })
const fresh = alert({ time: '2026-10-21T04:20:00.000Z', reason: 'it came from `FR` | <b>@all</b>\n# ' })
write('a.ndjson', [kept, gone, urgent])
write('b.ndjson', [kept, { ...urgent, severity: 'high' }, fresh])

const id = ({ id }: Alert) => id.slice(0, 12)

describe('agentwarden diff', () => {
  it('says what is added, removed and changed, by detection and agent', async () => {
    const { code, stdout, stderr } = await cli(['diff', 'a.ndjson', 'b.ndjson'])
    expect(stdout.split('\n')).toEqual([
      '3 alerts before, 3 after: 1 added, 1 removed, 1 changed, 1 the same.',
      '',
      'new-country: 1 added, 0 removed, 1 changed',
      '  agents: invoice-agent (1), mail-agent (1)',
      `  added ${id(fresh)} 2026-10-21 04:20 low: it came from \`FR\` | <b>@all</b> # `,
      `  changed ${id(urgent)} 2026-10-20 03:10 low to high: it came from DE`,
      '',
      'sign-in-spike: 0 added, 1 removed, 0 changed',
      '  agents: invoice-agent (1)',
      `  removed ${id(gone)} 2026-10-20 03:10 low: it came from DE`,
      '',
    ])
    expect([code, stderr]).toEqual([0, ''])
  })

  it('writes Markdown in which text from logs stays text', async () => {
    const { stdout } = await cli(['diff', 'a.ndjson', 'b.ndjson', '--format', 'markdown'])
    expect(stdout).toContain('| new-country | 1 | 0 | 1 | `invoice-agent` (1), `mail-agent` (1) |')
    expect(stdout).toContain(
      `- added ${id(fresh)} 2026-10-21 04:20 low: \`it came from 'FR' | <b>@all</b> # \`\n`,
    )
  })

  it('has every alert in JSON', async () => {
    const { stdout } = await cli(['diff', 'a.ndjson', 'b.ndjson', '--json'])
    const difference = JSON.parse(stdout) as Difference
    expect(difference).toMatchObject({ before: 3, after: 3, same: 1 })
    expect(difference.detections.map(({ detection }) => detection)).toEqual(['new-country', 'sign-in-spike'])
    expect(difference.detections[0]).toMatchObject({
      added: [fresh],
      removed: [],
      changed: [{ before: urgent, after: { severity: 'high' } }],
    })
  })

  it('says how many it does not show', async () => {
    write('many.ndjson', [
      kept,
      gone,
      urgent,
      ...Array.from({ length: 8 }, (_, n) => alert({ agentId: `${n}` })),
    ])
    const { stdout } = await cli(['diff', 'a.ndjson', 'many.ndjson'])
    expect(stdout.match(/^ {2}added /gm)).toHaveLength(5)
    expect(stdout).toContain('  … and 3 more added\n')
    expect(stdout).toContain(', … and 3 more agents\n')
  })

  it.each([
    ['equal files', ['a.ndjson', 'a.ndjson'], 0],
    ['equal files, with --fail', ['a.ndjson', 'a.ndjson', '--fail'], 0],
    ['different files', ['a.ndjson', 'b.ndjson'], 0],
    ['different files, with --fail', ['a.ndjson', 'b.ndjson', '--fail'], 1],
    ['a file that is not there', ['a.ndjson', 'c.ndjson'], 2],
  ])('of %s exits as told', async (_, args, code) => {
    expect((await cli(['diff', ...args])).code).toBe(code)
  })

  it('says so where there is no difference', async () => {
    expect((await cli(['diff', 'a.ndjson', 'a.ndjson'])).stdout).toBe('No difference: 3 alerts in both.\n')
  })

  it('names the lines that are no alerts', async () => {
    writeFileSync('bad.ndjson', `${JSON.stringify(kept)}\nnot json\n{"id":"x"}\n`)
    const { code, stderr } = await cli(['diff', 'a.ndjson', 'bad.ndjson'])
    expect(stderr).toMatch(
      /^bad\.ndjson:2:1 no JSON: .*\nbad\.ndjson:3:1 no alert as replay --out writes them/,
    )
    expect(code).toBe(2)
  })
})
