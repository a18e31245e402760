import { defineConfig } from 'vitest/config'
import { SERVERS } from './vitest.config.js'

/**
 * The tests that start servers and kill daemons: a real Kafka broker (needs Java 17, fetches Apache Kafka from Maven
 * Central once), an event hub, crashes, the report in Chromium. `npm run test:servers`.
 */
export default defineConfig({
  test: {
    include: SERVERS,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: '100%',
  },
})
