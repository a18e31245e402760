#!/usr/bin/env node
import { main } from './main.js'

// A reader that wants no more ends a command, but not the daemon: it has other sinks, and waits for a new reader.
const endless = process.argv[2] === 'run'

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (endless) return
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
})

process.stderr.on('error', (error: NodeJS.ErrnoException) => {
  if (!endless) throw error
})

process.exitCode = await main(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  columns: process.stdout.columns,
  interactive: process.stderr.isTTY === true,
  now: Date.now,
  nodeVersion: process.versions.node,
  quit: (code) => process.exit(code),
})
