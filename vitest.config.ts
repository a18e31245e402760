import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // For machines on which much else runs: no test takes more than a few seconds by itself.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Vitest leaves one processor free, which on two is half of them.
    maxWorkers: '100%',
    // Files share what they import: Microsoft's parser alone takes a second to load and to get up to speed.
    isolate: false,
  },
})
