import { configDefaults, defineConfig } from 'vitest/config'

/** Tests that take their time: they start servers or kill processes, or bind the queries of the whole pack. `npm run test:servers`. */
export const SERVERS = [
  'test/kafka/**/*.test.ts',
  'test/event-hubs/**/*.test.ts',
  'test/backfill/**/*.test.ts',
  'test/commands/backfill.test.ts',
  'test/azure/**/*.test.ts',
  'test/graph/**/*.test.ts',
  'test/sinks/log-analytics.test.ts',
  'test/sinks/entra-response.test.ts',
  'test/commands/inventory.test.ts',
  'test/daemon/crash.test.ts',
  'test/daemon/faults.test.ts',
  'test/commands/run.test.ts',
  'test/commands/tune.test.ts',
  'test/detections/parity.test.ts',
  'test/deploy/sentinel-*.test.ts',
  'test/deploy/tuning-guide.test.ts',
  'test/sentinel/formats.test.ts',
  'test/parity/risk.test.ts',
  'test/kql/compile.test.ts',
  'test/parity/workspace.test.ts',
  'test/report/page/**/*.test.ts',
]

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...SERVERS],
    // For machines on which much else runs: no test takes more than a few seconds by itself.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Vitest leaves one processor free, which on two is half of them.
    maxWorkers: '100%',
    // Files share what they import: Microsoft's parser alone takes a second to load and to get up to speed.
    isolate: false,
  },
})
