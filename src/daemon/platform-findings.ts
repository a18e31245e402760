import type { Alert } from '../alerts/alert.js'
import { platformAlert } from '../alerts/platform.js'
import type { Gap } from './source.js'

/** Messages were lost before they could be read. `time` in milliseconds since 1970. */
export function gapAlert(source: string, { partition, from, to, detail }: Gap, time: number): Alert {
  return platformAlert(
    {
      detection: 'messages-lost',
      title: 'Log messages were lost before they could be read',
      severity: 'high',
      entity: { source, partition, from },
      observed: `${from} to ${to}`,
      expected: { max: 0, basis: 'no message is lost' },
      reason: `Messages ${from} to ${to} of ${partition} were gone before they could be read: ${detail}`,
    },
    time,
  )
}

/** The state was damaged, and was put aside. */
export function damageAlert(error: Error, aside: string, time: number): Alert {
  return platformAlert(
    {
      detection: 'state-damaged',
      title: 'The state of agentwarden was damaged',
      severity: 'high',
      entity: { directory: aside },
      observed: error.message,
      expected: { max: 0, basis: 'the state is as it was written' },
      reason: `The state was damaged and lies in ${aside} now; all agents are learnt anew from what the broker still holds`,
    },
    time,
  )
}
