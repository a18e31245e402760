import { z } from 'zod'

/** From this severity on it is a warning: Kusto calls an answer partial only where there is a lower one. */
const WARNING = 3

const detailSchema = z.object({ innererror: z.object({ severity: z.number(), message: z.string() }) })
const bodySchema = z.object({ error: z.object({ details: z.array(detailSchema).min(1) }) })

/**
 * What the service warns of in an answer that it calls partial, where that is all there is: a union that leaves out a
 * table which the workspace has not is such a warning. Nothing if something was wrong, or may have been. The client
 * library does not pass on how severe it was, so that the body is read.
 */
export function warningsOf(body: string | null | undefined): readonly string[] | undefined {
  const { data } = bodySchema.safeParse(parsed(body))
  if (data === undefined) return undefined
  const errors = data.error.details.map(({ innererror }) => innererror)
  return errors.every(({ severity }) => severity >= WARNING)
    ? errors.map(({ message }) => message)
    : undefined
}

function parsed(body: string | null | undefined): unknown {
  try {
    return JSON.parse(body ?? '')
  } catch {
    return undefined
  }
}
