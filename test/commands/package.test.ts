import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { packagePath } from '../../src/package-root.js'
import { ruleGuid } from '../../src/sentinel/rule.js'
import { cli, inTempFolder } from '../support/cli.js'

inTempFolder()

/** A pack of one detection, and what of a deployment is written by hand. */
function prepare(): void {
  rmSync('deploy', { recursive: true, force: true })
  mkdirSync('pack', { recursive: true })
  cpSync(packagePath('detections', 'privilege', 'owner-added.yaml'), 'pack/owner-added.yaml')
  for (const path of ['tables', 'azure/agentwarden.yaml', 'solution/Hunting Queries', 'solution/Workbooks']) {
    cpSync(packagePath('deploy', path), `deploy/${path}`, { recursive: true })
  }
  cpSync(packagePath('deploy', 'solution', 'ReleaseNotes.md'), 'deploy/solution/ReleaseNotes.md')
}

const packaged = () => cli(['rules', 'package', '--detections', 'pack'])

describe('agentwarden rules package', () => {
  it('writes the templates, and a solution of just the rules of the pack', async () => {
    prepare()
    const { code, stdout, stderr } = await packaged()
    expect([code, stderr]).toEqual([0, expect.stringContaining('1 rules, ')])
    expect(stdout).toContain('deploy/azure/main.bicep\n')
    const data = JSON.parse(readFileSync('deploy/solution/Data/Solution_agentwarden.json', 'utf8'))
    expect(data['Analytic Rules']).toEqual(['Analytic Rules/owner-added.yaml'])
    expect(existsSync('deploy/azure/modules/event-hubs.bicep')).toBe(true)
  })

  it('removes the rule that is no more, and nothing of anybody else', async () => {
    prepare()
    mkdirSync('deploy/solution/Analytic Rules')
    writeFileSync('deploy/solution/Analytic Rules/gone.yaml', `id: ${ruleGuid('gone')}\n`)
    writeFileSync('deploy/solution/Analytic Rules/mine.yaml', 'id: 5d1f7a3e-9b1c-4c55-8a0d-0f1f8f2f6a11\n')
    const { stderr } = await packaged()
    expect(stderr).toContain('removed deploy/solution/Analytic Rules/gone.yaml')
    expect(existsSync('deploy/solution/Analytic Rules/mine.yaml')).toBe(true)
  })

  it('takes a playbook of deploy/playbooks into the solution', async () => {
    prepare()
    mkdirSync('deploy/playbooks')
    writeFileSync('deploy/playbooks/disable.json', '{}\n')
    await packaged()
    const data = JSON.parse(readFileSync('deploy/solution/Data/Solution_agentwarden.json', 'utf8'))
    expect(data.Playbooks).toEqual(['Playbooks/disable.json'])
    expect(readFileSync('deploy/solution/Playbooks/disable.json', 'utf8')).toBe('{}\n')
  })

  it.each([
    ['tables/AgentwardenAlerts_CL.json', '{"name":1}', /AgentwardenAlerts_CL\.json: .*expected string/s],
    ['tables/AgentwardenAlerts_CL.json', '{', /AgentwardenAlerts_CL\.json: /],
    ['solution/Hunting Queries/new-agents.yaml', 'name: x\n', /new-agents\.yaml: .*description/s],
    ['solution/ReleaseNotes.md', 'none\n', /ReleaseNotes\.md: no row with a version and a date/],
  ])('says what is wrong with %s when it reads %j', async (path, text, message) => {
    prepare()
    writeFileSync(`deploy/${path}`, text)
    const { code, stderr } = await packaged()
    expect([code, stderr]).toEqual([1, expect.stringMatching(message)])
  })
})

describe('agentwarden rules watchlist', () => {
  it('writes the inventory as CSV, with quotes where they are needed', async () => {
    writeFileSync(
      'agents.yaml',
      `agents:
  - id: 5D1F7A3E-9b1c-4c55-8a0d-0f1f8f2f6a11
    name: 'mail, "sorted"'
    networks: [198.51.100.0/24, 203.0.113.0/24]
`,
    )
    const { code, stdout } = await cli(['rules', 'watchlist', '--agents', 'agents.yaml'])
    expect(code).toBe(0)
    const [head, row] = stdout.split('\r\n')
    expect(head).toBe('id,app_id,name,owner,sponsor,tier,status,hours,networks,resources,SearchKey')
    expect(row).toContain(',"mail, ""sorted""",')
    expect(row).toContain('198.51.100.0/24;203.0.113.0/24')
  })

  it('wants an inventory', async () => {
    const { code, stderr } = await cli(['rules', 'watchlist'])
    expect([code, stderr]).toEqual([2, expect.stringContaining('--agents')])
  })
})
