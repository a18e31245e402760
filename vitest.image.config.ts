import { defineConfig } from 'vitest/config'

/** What deploy/Dockerfile installs, run the way a container is: `npm run test:image`. Needs the package registry. */
export default defineConfig({
  test: { include: ['test/deploy/image.proof.ts'], testTimeout: 300_000 },
})
