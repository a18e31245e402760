import { readFileSync } from 'node:fs'
import { z } from 'zod'

/** A secret is never written into the configuration, only where it stands: an environment variable or a file. */
export const secretSchema = z
  .union(
    [
      z.strictObject({
        env: z
          .string()
          .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
          .describe('Name of an environment variable.'),
      }),
      z.strictObject({ file: z.string().min(1).describe('Path of a file that holds nothing else.') }),
    ],
    'a secret is not written here, only where it stands: { env: NAME } or { file: PATH }',
  )
  .meta({
    description: 'Where a secret stands: { env: NAME } or { file: PATH }. The secret itself is refused.',
  })

export type SecretReference = z.infer<typeof secretSchema>

/**
 * Looks a secret up; the line end of a file is left out. Read anew each time, as files are rotated.
 * @throws Error if there is none; its message never holds the secret.
 */
export function readSecret(reference: SecretReference): string {
  const secret =
    'env' in reference
      ? process.env[reference.env]
      : readFileSync(reference.file, 'utf8').replace(/\r?\n$/, '')
  if (secret) return secret
  throw new Error(
    'env' in reference
      ? `the environment variable ${reference.env} is not set`
      : `${reference.file} is empty`,
  )
}
