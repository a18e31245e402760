import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { packagePath } from '../../src/package-root.js'
import { customTables, withSchemas, workspaceLanguage } from '../support/sentinel-queries.js'
import { type HuntingYaml, huntingQueries, type WorkbookQuery, workbookQueries } from '../support/solution.js'

const analysed = (query: string) => workspaceLanguage.analyse(withSchemas(query))

describe.each(huntingQueries)('the hunting query $file', ({ query, entityMappings }: HuntingYaml) => {
  it('is bound without a fault, and yields the columns that its entities are mapped to', () => {
    const { diagnostics, columns } = analysed(query)
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
    const names = columns!.map(({ name }) => name)
    const mapped = entityMappings.flatMap(({ fieldMappings }) =>
      fieldMappings.map(({ columnName }) => columnName),
    )
    expect(mapped.filter((name) => !names.includes(name))).toEqual([])
  })
})

describe.each(workbookQueries)('the query "$title" of the workbook', ({ query }: WorkbookQuery) => {
  it('is bound without a fault', () => {
    expect(analysed(query).diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
  })
})

describe('the workbook', () => {
  it('shows agents, risk, alerts and baselines', () => {
    const text = readFileSync(packagePath('deploy', 'solution', 'Workbooks', 'Agentwarden.json'), 'utf8')
    for (const { name } of customTables) expect(text).toContain(name)
    for (const name of ['AgentwardenSignIns', 'AgentwardenGraphCalls'])
      expect(text).toContain(`${name}(ago(13d)`)
  })
})
