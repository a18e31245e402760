import { viewText } from '../kql/view-text.js'
import { ascii } from '../sentinel/ascii.js'
import type { View } from '../views/view.js'

/** A view as a function of a workspace, so that whoever hunts sees what detections see. */
export interface SavedFunction {
  /** `AgentwardenSignIns`: the workspace may have a `SignIns` of its own. */
  readonly name: string
  readonly title: string
  /** Its body, over the parameters `From` and `To`. */
  readonly query: string
}

/** The parameters of each function: event times; the last day unless given. */
export const FUNCTION_PARAMETERS = [
  { Name: 'From', Type: 'datetime', Default: 'datetime(null)' },
  { Name: 'To', Type: 'datetime', Default: 'datetime(null)' },
] as const

/** A view as a saved function. */
export function functionOf(view: View): SavedFunction {
  const columns = new Set([...view.columns.keys(), 'Id'])
  return {
    name: `Agentwarden${view.name}`,
    title: ascii(view.summary),
    query: `${viewText(view, columns, false)}\n${view.name}(coalesce(From, ago(1d)), coalesce(To, now()))\n`,
  }
}
