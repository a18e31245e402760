#!/usr/bin/env node
// Runs the emitted queries on Microsoft's own engine: the Kusto emulator in Docker.
//
//   docker run -d --name kusto -e ACCEPT_EULA=Y -m 4G -p 8080:8080 mcr.microsoft.com/azuredataexplorer/kustainer-linux:latest
//   agentwarden rows samples --out rows
//   node deploy/kusto-emulator/prove.mjs --rows rows --now 2026-10-20T12:30:00Z [--queries kql/queries] [--url http://localhost:8080]
//
// Prints a line of JSON for each row that a query yields, with the query's name. Compare with
//   agentwarden kql run kql/queries/<id>.kql --data samples --now 2026-10-20T12:30:00Z --format ndjson
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { tables } from '../../dist/tables/index.js'

const { values } = parseArgs({
  options: {
    rows: { type: 'string' },
    now: { type: 'string' },
    queries: { type: 'string', default: 'kql/queries' },
    url: { type: 'string', default: 'http://localhost:8080' },
  },
})
if (!values.rows || Number.isNaN(Date.parse(values.now ?? ''))) {
  console.error('usage: prove.mjs --rows DIR --now TIME [--queries DIR] [--url URL]')
  process.exit(2)
}

/** Sends a command or a query; returns the rows of its first table. */
async function ask(kind, csl) {
  const response = await fetch(`${values.url}/v1/rest/${kind}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ db: 'NetDefaultDB', csl }),
  })
  if (!response.ok) throw new Error(`${response.status} ${(await response.text()).slice(0, 500)}`)
  const [{ Columns, Rows }] = (await response.json()).Tables
  return Rows.map((row) => Object.fromEntries(row.map((value, index) => [Columns[index].ColumnName, value])))
}

async function load(table) {
  const columns = [...table.columns].map(([name, { type }]) => `['${name}']: ${type}`)
  await ask('mgmt', `.drop table ${table.name} ifexists`)
  await ask('mgmt', `.create table ${table.name} (${columns.join(', ')})`)
  const file = readdirSync(values.rows).find((name) => name === `${table.name}.ndjson`)
  const lines = file ? readFileSync(join(values.rows, file), 'utf8').split('\n').filter(Boolean) : []
  for (let at = 0; at < lines.length; at += 500) {
    const batch = lines.slice(at, at + 500).join('\n')
    await ask('mgmt', `.ingest inline into table ${table.name} with (format=multijson) <|\n${batch}`)
  }
  return lines.length
}

/** The emulator loads all rows at once: the time of export stands for the time at which a row came in. */
function atTime(query) {
  return query
    .replace('= now();', `= datetime(${new Date(values.now).toISOString()});`)
    .replaceAll('ingestion_time()', 'TimeGenerated')
}

for (const table of tables) console.error(`${table.name}: ${await load(table)} rows`)
for (const file of readdirSync(values.queries).filter((name) => name.endsWith('.kql'))) {
  const rows = await ask('query', atTime(readFileSync(join(values.queries, file), 'utf8')))
  for (const row of rows) console.log(JSON.stringify({ query: basename(file, '.kql'), ...row }))
}
