import { defineConfig } from 'vitest/config'

/**
 * A daemon in a process of its own on a real Kafka broker that is taken away again and again: `npm run soak`. Ten
 * minutes, or as many as the variable SOAK_MINUTES says. It prints what the daemon needs, and fails with code 1.
 */
export default defineConfig({
  test: {
    include: ['test/soak/soak.proof.ts'],
    disableConsoleIntercept: true,
    testTimeout: 72 * 3_600_000,
    hookTimeout: 120_000,
  },
})
