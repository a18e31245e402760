import { defineConfig } from 'vitest/config'

export default defineConfig({
  // Vitest leaves one processor free, which on two is half of them.
  test: { include: ['test/**/*.test.ts'], testTimeout: 30_000, maxWorkers: '100%' },
})
