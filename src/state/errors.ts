/** The state is not what was written. It is never used in part: it is put aside, and all is learnt anew. */
export class StateDamaged extends Error {
  override readonly name = 'StateDamaged'
}

/** Another process has the state open. */
export class StateLocked extends Error {
  override readonly name = 'StateLocked'
}

/** The state was written by a newer version. It was not touched. */
export class StateNewer extends Error {
  override readonly name = 'StateNewer'
}

/** The message of an error and of what caused it, in one line. */
export function explained(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? error.message : `${error.message}: ${explained(error.cause)}`
}
