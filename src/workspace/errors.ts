/**
 * Why a workspace gave no answer:
 * - `too-much`: it could not answer in full, within the time or the size that it allows; less may do
 * - `refused`: the identity may not read it, or there is no such workspace
 * - `wrong-query`: it does not understand the query
 * - `unavailable`: it could not be reached, or said too often that it is busy; later may do
 */
export type WorkspaceErrorCode = 'too-much' | 'refused' | 'wrong-query' | 'unavailable'

/** A query that was not answered, or only in part, which counts as not at all. */
export class WorkspaceError extends Error {
  override readonly name = 'WorkspaceError'
  readonly code: WorkspaceErrorCode

  constructor(code: WorkspaceErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
